// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim's `replay` on machines that have one more target type.
#include "sim/cli/commands.h"
#include "sim/machine/machine.h"

#include "tally_target.h"

int main(int argc, char** argv) {
  sim::cli::Program program("my_dmsim", "dmsim with the tally target");
  sim::cli::add_replay(
      program, [](sim::Machine& machine) { machine.dm().register_target(tally_target_type()).ignore(); });
  return program.run(argc, argv);
}
