// SPDX-License-Identifier: GPL-2.0-or-later
// What tests of stores write and read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <vector>

#include "sim/store/store.h"

namespace test {

inline std::vector<std::byte> bytes(std::size_t count, char value) {
  return std::vector(count, static_cast<std::byte>(value));
}

inline std::vector<std::byte> read(const sim::Store& store, std::uint64_t offset, std::size_t count) {
  std::vector<std::byte> data(count, std::byte{0xee});
  EXPECT_TRUE(store.read(offset, data).ok());
  return data;
}

}  // namespace test
