// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim with one more type of target: the program of docs/write-a-target.md.
#include "sim/cli/commands.h"
#include "sim/machine/machine.h"

#include "tests/tutorial/mistakes.h"
#include "tests/tutorial/turnstile.h"

int main(int argc, char** argv) {
  sim::cli::Program program("dmsim_turnstile", "dmsim with the turnstile target");
  const auto prepare = [](sim::Machine& machine) {
    machine.dm().register_target(tutorial::turnstile_target_type()).ignore();
    for (const auto& type : tutorial::mistaken_target_types()) machine.dm().register_target(type).ignore();
  };
  sim::cli::add_replay(program, prepare);
  sim::cli::add_explore(program, prepare);
  return program.run(argc, argv);
}
