// SPDX-License-Identifier: GPL-2.0-or-later
// The parts of which tokens are made.
#pragma once

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "dmcore/kernel/defects.h"

#include "sim/defects/catalogue.h"

namespace sim::explore {

// The text up to the next separator, which is taken off with it.
inline std::string_view take_until(std::string_view& text, char separator) {
  const std::string_view word = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(text.size(), word.size() + 1));
  return word;
}

// False unless all of the text is the number.
template <class Number>
bool parse_number(std::string_view text, Number& number, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

// "+NAME" for each.
inline std::string defects_text(const dmcore::Defects& defects) {
  const std::string names = defect_names(defects, "+");
  return names.empty() ? names : "+" + names;
}
// "NAME+NAME"; false if one of them is none.
inline bool parse_defects(std::string_view text, dmcore::Defects& defects) {
  while (!text.empty()) {
    const auto defect = defect_named(take_until(text, '+'));
    if (!defect) return false;
    defects.put_in(*defect);
  }
  return true;
}

}  // namespace sim::explore
