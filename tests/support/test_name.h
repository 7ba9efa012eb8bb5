// SPDX-License-Identifier: GPL-2.0-or-later
// Names of tests with parameters.
#pragma once

#include <algorithm>
#include <string>

namespace test {

// A name with hyphens, as names of tests have to be.
inline std::string with_underscores(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

}  // namespace test
