// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim: device-mapper's clone target, simulated.
#include "sim/cli/commands.h"
#include "sim/cli/manual/scenario_page.h"

int main(int argc, char** argv) {
  using namespace sim::cli;
  Program program(
      "dmsim", "device-mapper's clone target, simulated",
      "Runs dmsetup tables, messages and I/O on a simulated Linux device-mapper with virtual disks and "
      "virtual time: no root, no kernel module, and every run is repeatable to the byte. A scenario, "
      "`*.dms`, is a text file of disks, `dmsetup` commands and I/O.");
  add_replay(program);
  add_clone(program);
  add_tables(program);
  add_explain(program);
  add_metadata_size(program);
  add_explore(program);
  add_check(program);
  add_defects(program);
  add_fixes(program);
  add_dump(program);
  add_restore(program);
  add_repair(program);
  add_generate(program);
  add_help(program);
  add_manual(program);
  program.add_topic(manual::scenario_topic());
  return program.run(argc, argv);
}
