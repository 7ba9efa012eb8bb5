// SPDX-License-Identifier: GPL-2.0-or-later
// A search that always ends, and never throws.
#pragma once

#include <boost/regex.hpp>
#include <optional>
#include <stdexcept>
#include <string>

namespace sim {

// Whether the pattern matches anywhere in the text. Nothing if that takes too long to say: some patterns,
// such as (a+)+b, can be matched in more ways than anybody can try, and Boost gives up.
inline std::optional<bool> regex_found(
    const std::string& text, const boost::regex& pattern,
    boost::regex_constants::match_flags flags = boost::regex_constants::match_default) {
  try {
    return boost::regex_search(text, pattern, flags);
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

}  // namespace sim
