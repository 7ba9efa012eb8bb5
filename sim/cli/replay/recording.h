// SPDX-License-Identifier: GPL-2.0-or-later
// A transcript against the one that was recorded.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sim::cli {

struct Difference {
  std::size_t line;                     // the first that differs; 1 is the first
  std::optional<std::string> recorded;  // missing: the recording ends before
  std::optional<std::string> printed;
};

// Nothing if they are equal.
std::optional<Difference> difference(std::string_view recorded, std::string_view printed);

}  // namespace sim::cli
