// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim explain FILE: tables in words, with what is risky and what is refused.
#include "sim/cli/explain.h"

#include <fmt/core.h>
#include <memory>

#include "sim/cli/tables_options.h"
#include "sim/runtime/deterministic.h"
#include "sim/tables/explain.h"

namespace sim::cli {

namespace {

constexpr int cannot_read = 2;
constexpr int machine_stopped = 3;

int run(const TablesArguments& arguments) {
  const auto request = request_for(arguments);
  if (!request) return cannot_read;
  try {
    const tables::Explanation explanation = tables::explain(*request);
    fmt::print("{}", explanation.text);
    if (explanation.exit_status == cannot_read)
      fmt::print(stderr, "dmsim: {}: there is no device in it\n", request->name);
    return explanation.exit_status;
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
