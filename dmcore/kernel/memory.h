// SPDX-License-Identifier: GPL-2.0-or-later
// Helpers for bytes.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>

namespace dmcore {

// memchr_inv(bytes, 0, size) == NULL. At the speed of memcmp.
[[nodiscard]] inline bool all_zero(std::span<const std::byte> bytes) {
  return bytes.empty() ||
         (bytes[0] == std::byte{0} && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace dmcore
