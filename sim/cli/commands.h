// SPDX-License-Identifier: GPL-2.0-or-later
// The subcommands of dmsim. Each adds itself to the command line; the function it leaves there returns the
// exit status.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace sim {
class Machine;
}

namespace sim::cli {

// Set by the subcommand that was chosen.
using Action = std::function<int()>;

// `prepare` is called with each machine before anything runs on it: a program of one's own registers its
// types of target there. May be empty.
void add_replay(CLI::App& app, Action& action, std::function<void(Machine&)> prepare = {});
void add_clone(CLI::App& app, Action& action);

}  // namespace sim::cli
