// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim explain FILE: tables in words, with what is risky and what is refused.
#include "sim/cli/explain.h"

#include <fmt/core.h>
#include <memory>

#include "sim/cli/tables_options.h"
#include "sim/machine/machine.h"
#include "sim/scenario/interpreter.h"
#include "sim/tables/explain.h"

namespace sim::cli {

namespace {

constexpr int cannot_read = 2;
constexpr int machine_stopped = 3;

int run(const TablesArguments& arguments) {
  auto request = request_for(arguments);
  if (!request) return cannot_read;
  // So that no clone copies a large disk, in memory, before the next line is looked at.
  request->bring_up.disk_options = " read_latency=1ms";
  try {
    Machine machine;
    scenario::Interpreter interpreter(machine, {.directory = {}, .save_directory = {}, .echo = false},
                                      [](std::string_view) {});
    tables::Explanation explanation;
    interpreter.with_bench([&](tables::Bench& bench) { explanation = tables::explain(*request, bench); });
    fmt::print("{}", explanation.text);
    return explanation.refused ? 1 : 0;
  } catch (const MachineStopped& stopped) {
    fmt::print(stderr, "dmsim: the machine stopped: {}\n", stopped.what());
    return machine_stopped;
  }
}

}  // namespace

void add_explain(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("explain", "tell what the lines of tables mean, and what is risky or refused");
  auto arguments = std::make_shared<TablesArguments>();
  add_tables_options(*command, *arguments);
  command->callback([arguments, &action] { action = [arguments] { return run(*arguments); }; });
}

}  // namespace sim::cli
