// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "dmcore/kernel/errno.h"

namespace test {

// The value of a Result that must have one: a test that gets an error instead fails.
template <class T>
T value_of(dmcore::Result<T> result) {
  if (!result.ok())
    throw std::runtime_error("failed with " + std::string(dmcore::errno_name(result.error())));
  return *std::move(result);
}

}  // namespace test
