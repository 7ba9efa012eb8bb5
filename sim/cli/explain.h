// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "sim/cli/commands.h"

namespace sim::cli {

void add_explain(CLI::App& app, Action& action);

}  // namespace sim::cli
