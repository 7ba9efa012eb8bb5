// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim explain FILE: tables in words, with what is risky and what is refused.
#include "sim/tables/explain.h"

#include <memory>

#include "sim/cli/commands.h"
#include "sim/cli/tables_options.h"

namespace sim::cli {

namespace {

const Page explain_page = {
    .name = "explain",
    .summary = "say in words what the lines of a table mean, and what is risky or refused",
    .arguments = "FILE",
    .description =
        "Each line of the table is explained field by field, with defaults and with what numbers mean in "
        "bytes; what the kernel would refuse is shown with the lines that it would log. Keys are not shown.",
    .examples = {{"explain the tables of this machine", "dmsetup table | dmsim explain -"},
                 {"tables of another machine, with the names of its devices",
                  "dmsim explain --devices lsblk.txt tables.txt"}},
    .exits = {{ExitStatus::ok, "everything could be as on the real machine"},
              {ExitStatus::failed,
               "something would be refused, replaced or left out, or standard output could not be written"},
              {ExitStatus::mistake, ""},
              {ExitStatus::stopped, ""}},
};

ExitStatus run_explain(const TablesArguments& arguments, Console& console) {
  const tables::Request request = request_for(arguments);
  const tables::Explanation explanation = tables::explain(request);
  console.out.write(explanation.text);
  return tables_exit(request, explanation.exit_status);
}

}  // namespace

void add_explain(Program& program) {
  auto arguments = std::make_shared<TablesArguments>();
  CLI::App& app =
      program.add(explain_page, [arguments](Console& console) { return run_explain(*arguments, console); });
  add_tables_options(app, *arguments);
}

}  // namespace sim::cli
