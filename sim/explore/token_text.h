// SPDX-License-Identifier: GPL-2.0-or-later
// The parts of which tokens are made.
#pragma once

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "dmcore/kernel/defects.h"

#include "sim/defects/catalogue.h"
#include "sim/defects/fixes.h"

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

constexpr std::string_view known_bugs_word = "known-bugs";

// What of MachineKind is not as by default: "+NAME" for each defect and each fix, and "+known-bugs".
inline std::string special_text(const dmcore::Defects& defects, const dmcore::Fixes& fixes,
                                bool finds_known_bugs) {
  std::string text;
  for (const std::string& names : {defect_names(defects, "+"), fix_names(fixes, "+"),
                                   std::string(finds_known_bugs ? known_bugs_word : "")}) {
    if (!names.empty()) text += "+" + names;
  }
  return text;
}
// "NAME+NAME"; false if one of them is none.
inline bool parse_special(std::string_view text, dmcore::Defects& defects, dmcore::Fixes& fixes,
                          bool& finds_known_bugs) {
  while (!text.empty()) {
    const std::string_view word = take_until(text, '+');
    if (word == known_bugs_word) {
      finds_known_bugs = true;
      continue;
    }
    const auto defect = defect_named(word);
    const auto fix = fix_named(word);
    if (!defect && !fix) return false;
    if (defect) defects.put_in(*defect);
    if (fix) fixes.put_in(*fix);
  }
  return true;
}

}  // namespace sim::explore
