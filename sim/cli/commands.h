// SPDX-License-Identifier: GPL-2.0-or-later
// The subcommands of dmsim. Each adds itself to the command line; the function it leaves there returns the
// exit status.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace sim::cli {

// Set by the subcommand that was chosen.
using Action = std::function<int()>;

void add_replay(CLI::App& app, Action& action);
void add_clone(CLI::App& app, Action& action);

}  // namespace sim::cli
