// SPDX-License-Identifier: GPL-2.0-or-later
// Tables as text: one target a line, "START LENGTH TYPE PARAMS", with # comments and empty lines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace sim::libdm {

// A line of a table, or of a status.
struct Target {
  std::uint64_t start = 0;   // sectors
  std::uint64_t length = 0;  // sectors
  std::string type;
  std::string params;
};

// One line without white space at its ends: its numbers are read as scanf() does, and the parameters end at a
// '#'. Nothing if it is not a target.
std::optional<Target> parse_target(std::string_view line);

// `where` names the text in messages. A line that is not a target is an error: the message.
tl::expected<std::vector<Target>, std::string> parse_table(std::string_view text, std::string_view where);

// The text of a table, with a newline between two lines.
std::string format_table(const std::vector<Target>& table);

}  // namespace sim::libdm
