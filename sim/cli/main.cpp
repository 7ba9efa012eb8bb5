// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim: device-mapper's clone target, simulated.
#include "sim/cli/commands.h"

int main(int argc, char** argv) {
  using namespace sim::cli;
  Program program("dmsim", "device-mapper's clone target, simulated");
  add_replay(program);
  add_clone(program);
  add_tables(program);
  add_explain(program);
  add_metadata_size(program);
  add_generate(program);
  return program.run(argc, argv);
}
