// SPDX-License-Identifier: GPL-2.0-or-later
// A power cut: what the disks hold then, and the machine that starts with them.
#pragma once

#include <memory>

#include "sim/language/ast.h"
#include "sim/machine/machine.h"
#include "sim/scenario/error_names.h"

namespace sim::scenario {

// Leaves on each disk of `machine`, which must record durability and does not run any more, what the command
// says: a disk without power keeps one candidate of each block, the others keep what is newest. The output
// has a line for each disk that lost something.
CommandOutput cut_power(Machine& machine, const language::CrashCommand& command);

// Takes the disks out of a machine that is not used any more, and adds them to another one, with their names,
// numbers, contents, options and faults. The other must have none.
void move_disks(Machine& from, Machine& to);

}  // namespace sim::scenario
