// SPDX-License-Identifier: GPL-2.0-or-later
// Where in the source something is done.
#pragma once

#include <string>

namespace dmcore {

struct Place {
  const char* file = "";  // as the compiler names it
  unsigned line = 0;      // 0: no place

  // As a default argument: of the call that it is an argument of. (The one of the standard is not in all
  // compilers that build this.)
  static constexpr Place here(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) {
    return {file, line};
  }
};
// "dmclone/commit.cpp:31", from the top of the source tree; empty for no place.
std::string to_string(const Place& place);

}  // namespace dmcore
