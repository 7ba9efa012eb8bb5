// SPDX-License-Identifier: GPL-2.0-or-later
// The commands of a scenario that run at once.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sim/language/ast.h"

namespace sim::schedules {

// Those in the background that follow each other, and the next one that is not.
using Part = std::span<const language::Command>;

// The one that begins with the first of these.
Part part_of(Part commands);

// Whether it is that command of dmsetup, or one that begins so.
bool is_dmsetup(const language::Command& command, std::string_view name);
// Null if it uses none as a program does.
const std::string* device_of(const language::Command& command);

// Whether a table may be built although another one has yet to commit what it has done (docs/findings.md):
// one of the same device, which loads it too early, unless one program alone suspends, loads and resumes;
bool loads_early(Part part);
// or one of a device that is being removed, unless one program alone removes before it creates.
bool creates_under_removal(Part part);

}  // namespace sim::schedules
