// SPDX-License-Identifier: GPL-2.0-or-later
// What stands in for lines with targets that dmsim does not have.
#pragma once

#include <string>

#include "sim/tables/stack.h"

namespace sim::tables {

// Replaces the target of each such line by a linear one, with a note. With `leave_out` the devices that have
// such lines are marked instead.
void replace_foreign_targets(Stack& stack, bool leave_out);

// The disk that stands in for a device, or for a line of it.
std::string stand_in_name(const std::string& device);
bool is_stand_in_name(std::string_view disk);

}  // namespace sim::tables
