// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "sim/cli/commands.h"

namespace sim::cli {

// dmsim generate: writes random scenarios whose outcome is certain.
void add_generate(CLI::App& app, Action& action);

}  // namespace sim::cli
