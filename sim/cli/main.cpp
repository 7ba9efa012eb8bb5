// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim: device-mapper's clone target, simulated.
#include "sim/cli/commands.h"
#include "sim/cli/explain.h"
#include "sim/cli/generate.h"
#include "sim/cli/metadata_size.h"
#include "sim/cli/tables.h"

int main(int argc, char** argv) {
  CLI::App app("dmsim: device-mapper's clone target, simulated", "dmsim");
  app.require_subcommand(1);
  app.set_version_flag("--version", "dmsim 0.1.0");
  sim::cli::Action action;
  sim::cli::add_replay(app, action);
  sim::cli::add_generate(app, action);
  sim::cli::add_clone(app, action);
  sim::cli::add_tables(app, action);
  sim::cli::add_explain(app, action);
  sim::cli::add_metadata_size(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    constexpr int usage = 2;
    return app.exit(error) == 0 ? 0 : usage;
  }
  return action();
}
