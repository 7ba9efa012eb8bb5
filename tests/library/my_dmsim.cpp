// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim's `replay` on machines that have one more target type.
#include "sim/cli/commands.h"
#include "sim/machine/machine.h"

#include "tally_target.h"

int main(int argc, char** argv) {
  CLI::App app("dmsim with the tally target", "my_dmsim");
  app.require_subcommand(1);
  sim::cli::Action action;
  sim::cli::add_replay(
      app, action, [](sim::Machine& machine) { machine.dm().register_target(tally_target_type()).ignore(); });
  CLI11_PARSE(app, argc, argv);
  return action();
}
