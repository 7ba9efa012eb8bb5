// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/kernel/place.h"

#include <fmt/format.h>
#include <string_view>

namespace dmcore {

std::string to_string(const Place& place) {
  if (place.line == 0) return {};
  // A compiler cache may have given the compiler names relative to the folder of the build. What is before
  // the name of this file then is before that of others, too.
  constexpr std::string_view mine = __FILE__;
  constexpr std::string_view mine_in_tree = "dmcore/kernel/place.cpp";
  static_assert(mine.ends_with(mine_in_tree));
  constexpr std::string_view top = mine.substr(0, mine.size() - mine_in_tree.size());
  std::string_view file = place.file;
  if (file.starts_with(top)) file.remove_prefix(top.size());
  return fmt::format("{}:{}", file, place.line);
}

}  // namespace dmcore
