// SPDX-License-Identifier: GPL-2.0-or-later
// Makes a scenario shorter as long as something stays true of it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sim::explore {

// Takes pieces out, many at once and then one by one, until none of them can go: the result is 1-minimal.
// `holds` is true of all pieces, and is asked about each attempt.
template <class Piece, class Holds>
std::vector<Piece> shrink_list(std::vector<Piece> pieces, const Holds& holds) {
  for (std::size_t size = std::max<std::size_t>(pieces.size() / 2, 1);;) {
    bool shorter = false;
    // From the end: what comes late often does nothing.
    for (std::size_t end = pieces.size(); end > 0;) {
      const std::size_t first = end - std::min(size, end);
      std::vector<Piece> fewer = pieces;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(first),
                  fewer.begin() + static_cast<std::ptrdiff_t>(end));
      if (holds(fewer)) {
        pieces = std::move(fewer);
        shorter = true;
      }
      end = first;
    }
    if (size > 1) {
      size /= 2;
    } else if (!shorter) {
      return pieces;
    }
  }
}

// The same with the commands of a scenario. `holds` may be given texts that are no scenarios; if it is not
// true of all commands, the text is returned as it is.
std::string shrink_scenario(std::string_view text, const std::function<bool(const std::string&)>& holds);

}  // namespace sim::explore
