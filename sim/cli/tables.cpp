// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim tables FILE: brings up what `dmsetup table` printed on a real machine.
#include "sim/cli/tables.h"

#include <array>
#include <fmt/core.h>
#include <memory>

#include "sim/cli/schedule_options.h"
#include "sim/cli/tables_options.h"
#include "sim/machine/machine.h"
#include "sim/tables/report.h"

namespace sim::cli {

namespace {

struct Arguments {
  TablesArguments tables;
  Schedule schedule;
  bool scenario = false;
};

constexpr int cannot_read = 2;
constexpr int machine_stopped = 3;

// Brings everything up and returns what to print.
std::string run_on_machine(const Arguments& arguments, const tables::Request& request, int& status) {
  Machine machine(arguments.schedule, *request.stack.dialect);
  host::Host host(machine);
  std::string text;
  host.run([&] {
    const tables::Outcome outcome = tables::bring_up(request, host);
    status = tables::exit_status(outcome.stack, outcome.notes);
    text = arguments.scenario
               ? tables::as_scenario(outcome)
               : tables::as_report(outcome, host.dmsetup(std::array{std::string("status")}).out);
  });
  return text;
}

int run(const Arguments& arguments) {
  const auto request = request_for(arguments.tables);
  if (!request) return cannot_read;
  try {
    int status = 0;
    fmt::print("{}", run_on_machine(arguments, *request, status));
    if (status == cannot_read) fmt::print(stderr, "dmsim: {}: there is no device in it\n", request->name);
    return status;
  } catch (const MachineStopped& stopped) {
    fmt::print(stderr, "dmsim: the machine stopped: {}\n", stopped.what());
    return machine_stopped;
  }
}

}  // namespace

void add_tables(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("tables", "bring up what `dmsetup table` printed on a real machine");
  auto arguments = std::make_shared<Arguments>();
  add_tables_options(*command, arguments->tables);
  command
      ->add_option("--disk-option", arguments->tables.disk_options,
                   "for every disk that is made: read_latency=5ms, bandwidth=200M, discard=off...")
      ->option_text("OPTION")
      ->take_all();
  command->add_flag("--leave-out", arguments->tables.leave_out,
                    "leave devices out that dmsim cannot have, instead of putting stand-ins in their place");
  command->add_flag("--scenario", arguments->scenario,
                    "print a scenario that makes the same, for dmsim replay");
  add_schedule_options(*command, arguments->schedule);
  command->callback([arguments, &action] { action = [arguments] { return run(*arguments); }; });
}

}  // namespace sim::cli
