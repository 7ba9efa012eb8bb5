// SPDX-License-Identifier: GPL-2.0-or-later
// A search that always terminates and never throws.
#pragma once

#include <boost/regex.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "sim/rewind/arena.h"

namespace sim {

// Whether the pattern matches anywhere in the text. Nothing if that takes too long to find out: Boost gives
// up on patterns such as (a+)+b, which can match in exponentially many ways.
inline std::optional<bool> regex_found(
    const std::string& text, const boost::regex& pattern,
    boost::regex_constants::match_flags flags = boost::regex_constants::match_default) {
  // Boost keeps blocks of memory for its next search, on whatever thread.
  const rewind::Outside outside;
  try {
    return boost::regex_search(text, pattern, flags);
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

}  // namespace sim
