// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/kernel/place.h"

#include <fmt/format.h>
#include <string_view>

namespace dmcore {

std::string to_string(const Place& place) {
  if (place.line == 0) return {};
  // The compiler was given the name either in full, or, by a compiler cache, like that of this file.
  constexpr std::string_view mine = __FILE__;
  constexpr std::string_view mine_in_tree = "dmcore/kernel/place.cpp";
  static_assert(mine.ends_with(mine_in_tree));
  std::string_view file = place.file;
  for (const std::string_view top :
       {std::string_view(DMCORE_SOURCE_TREE), mine.substr(0, mine.size() - mine_in_tree.size())}) {
    if (!file.starts_with(top)) continue;
    file.remove_prefix(top.size());
    break;
  }
  return fmt::format("{}:{}", file, place.line);
}

}  // namespace dmcore
