// SPDX-License-Identifier: GPL-2.0-or-later
// Tables as text: one target a line, "START LENGTH TYPE PARAMS", with # comments and empty lines.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/dmsetup/session.h"
#include "sim/dmsetup/task.h"

namespace sim::dmsetup {

// `where` names the text in messages. Nothing, with a message, if a line is not a target.
std::optional<std::vector<Target>> parse_table(Session& session, const std::string& text,
                                               const std::string& where);

// The table of this run: --table, or a file, or what stands on standard input.
std::optional<std::vector<Target>> table_of_run(Session& session, const std::string* file);

}  // namespace sim::dmsetup
