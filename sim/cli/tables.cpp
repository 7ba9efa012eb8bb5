// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim tables FILE: brings up what `dmsetup table` printed on a real machine.
#include <memory>

#include "sim/cli/commands.h"
#include "sim/cli/schedule_options.h"
#include "sim/cli/tables_options.h"
#include "sim/machine/machine.h"
#include "sim/tables/report.h"

namespace sim::cli {

namespace {

struct TablesCommand {
  TablesArguments tables;
  Schedule schedule;
  bool scenario = false;
};

const Page tables_page = {
    .name = "tables",
    .summary = "bring up what `dmsetup table` printed on a real machine",
    .arguments = "FILE",
    .description =
        "Makes disks for the devices that the tables mention, and brings the mapped devices up. What is "
        "assumed, and what cannot be honoured, is said by file and line. Keys are not shown.",
    .examples = {{"bring up the tables of this machine", "dmsetup table | dmsim tables -"},
                 {"make a scenario of them, to add to", "dmsim tables --scenario tables.txt > stack.dms"}},
    .exits = {{ExitStatus::ok, "everything is up, as on the real machine"},
              {ExitStatus::failed, "a line could not be honoured, or standard output could not be written"},
              {ExitStatus::mistake, ""},
              {ExitStatus::stopped, ""}},
};

// Brings everything up and returns what to print.
std::string run_on_machine(const TablesCommand& arguments, const tables::Request& request, int& status) {
  Machine machine(arguments.schedule, *request.stack.dialect);
  host::Host host(machine);
  std::string text;
  host.run([&] {
    const tables::Outcome outcome = tables::bring_up(request, host);
    status = tables::exit_status(outcome.stack, outcome.notes);
    const std::vector<std::string> show_status = {"status"};
    text = arguments.scenario ? tables::as_scenario(outcome)
                              : tables::as_report(outcome, host.dmsetup(show_status).out);
  });
  return text;
}

ExitStatus run_tables(const TablesCommand& arguments, Console& console) {
  const tables::Request request = request_for(arguments.tables);
  int status = 0;
  console.out.write(run_on_machine(arguments, request, status));
  return tables_exit(request, status);
}

}  // namespace

void add_tables(Program& program) {
  auto arguments = std::make_shared<TablesCommand>();
  CLI::App& app =
      program.add(tables_page, [arguments](Console& console) { return run_tables(*arguments, console); });
  add_tables_options(app, arguments->tables);
  app.add_option("--disk-option", arguments->tables.disk_options,
                 "for every disk that is made, such as `read_latency=5ms`")
      ->option_text("OPTION")
      ->take_all();
  app.add_flag("--leave-out", arguments->tables.leave_out,
               "leave out the devices that dmsim cannot have, instead of putting stand-ins in their place");
  app.add_flag("--scenario", arguments->scenario, "print a scenario that makes the same, for `dmsim replay`");
  add_schedule_options(app, arguments->schedule);
}

}  // namespace sim::cli
