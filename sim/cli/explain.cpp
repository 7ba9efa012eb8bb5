// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim explain FILE: tables in words, with what is risky and what is refused.
#include "sim/tables/explain.h"

#include <memory>

#include "sim/cli/commands.h"
#include "sim/cli/tables_options.h"
#include "sim/machine/machine.h"
#include "sim/scenario/interpreter.h"

namespace sim::cli {

namespace {

const Page page = {
    .name = "explain",
    .summary = "say in words what the lines of a table mean, and what is risky or refused",
    .arguments = "FILE",
    .description =
        "Each line of the table is explained field by field; what the kernel would refuse is shown with the "
        "lines that it would log.",
    .examples = {{"the tables of this machine", "dmsetup table | dmsim explain -"},
                 {"tables of another machine, with the names of its devices",
                  "dmsim explain --devices lsblk.txt tables.txt"}},
    .exits = {{ExitStatus::ok, "explained"},
              {ExitStatus::failed, "the kernel would refuse a line, or standard output could not be written"},
              {ExitStatus::mistake, ""},
              {ExitStatus::stopped, ""}},
};

ExitStatus run(const TablesArguments& arguments, Console& console) {
  tables::Request request = request_for(arguments);
  // So that no clone copies a large disk, in memory, before the next line is looked at.
  request.bring_up.disk_options = " read_latency=1ms";
  Machine machine;
  scenario::Interpreter interpreter(machine, {.directory = {}, .save_directory = {}, .echo = false},
                                    [](std::string_view) {});
  tables::Explanation explanation;
  interpreter.with_bench([&](tables::Bench& bench) { explanation = tables::explain(request, bench); });
  console.out.write(explanation.text);
  return explanation.refused ? ExitStatus::failed : ExitStatus::ok;
}

}  // namespace

void add_explain(Program& program) {
  auto arguments = std::make_shared<TablesArguments>();
  CLI::App& app = program.add(page, [arguments](Console& console) { return run(*arguments, console); });
  add_tables_options(app, *arguments);
}

}  // namespace sim::cli
