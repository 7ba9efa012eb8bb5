// SPDX-License-Identifier: GPL-2.0-or-later
// Tables as text: one target a line, "START LENGTH TYPE PARAMS", with # comments and empty lines.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "sim/dmsetup/session.h"
#include "sim/dmsetup/task.h"

namespace sim::dmsetup {

// One line without white space at its ends: its numbers are read as scanf() does, and the parameters end at a
// '#'.
std::optional<Target> parse_target(std::string_view line);

// `where` names the text in messages. A line that is not a target is an error: the message.
tl::expected<std::vector<Target>, std::string> parse_table(std::string_view text, std::string_view where);

// The table of this run: --table, or a file, or what stands on standard input.
std::optional<std::vector<Target>> table_of_run(Session& session, const std::string* file);

}  // namespace sim::dmsetup
