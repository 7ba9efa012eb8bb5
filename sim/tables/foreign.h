// SPDX-License-Identifier: GPL-2.0-or-later
// What becomes of lines with targets that dmsim does not have.
#pragma once

#include <vector>

#include "sim/tables/table_file.h"

namespace sim::tables {

// Replaces each such line by a linear one, and says so. With `leave_out` the devices that have such lines are
// marked instead.
void replace_foreign_targets(TableFile& file, bool leave_out, std::vector<bool>& left_out);

// The disk that stands in for a device, or a line of it.
std::string stand_in_name(const std::string& device);

}  // namespace sim::tables
