// SPDX-License-Identifier: GPL-2.0-or-later
// What was made on a machine, as commands of the scenario language that make it again.
#pragma once

#include <string>
#include <vector>

#include "sim/tables/builder.h"

namespace sim::tables {

std::string disk_command(const host::DiskSpec& disk);
std::string create_command(const NewDevice& device);
std::vector<std::string> commands_for(const std::vector<Made>& made);

}  // namespace sim::tables
