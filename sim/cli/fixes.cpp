// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim fixes: what --with-fix can put in.
#include "sim/defects/fixes.h"

#include <memory>

#include "sim/cli/commands.h"
#include "sim/cli/json_line.h"

namespace sim::cli {

namespace {

struct FixesArguments {
  bool json = false;
};

const Page fixes_page = {
    .name = "fixes",
    .summary = "list the repairs of known bugs that can be put into the machine's code",
    .arguments = "",
    .description =
        "The machine has the bugs that Linux has. Prints the names that `--with-fix` takes, what is done "
        "instead then, and which section of docs/findings.md tells of the bug. With a repair `dmsim "
        "explore` does not except its bug: it shows whether the repair is sufficient. The same for Linux "
        "is a patch in docs/findings.",
    .examples = {{"all repairs", "dmsim fixes"},
                 {"whether one is sufficient",
                  "dmsim explore crash --generate 1000 --with-fix fua-overwrite"}},
    .exits = {{ExitStatus::ok, "printed"}, {ExitStatus::failed, "standard output could not be written"}},
};

ExitStatus run_fixes(const FixesArguments& arguments, Console& console) {
  for (const FixEntry& entry : fix_catalogue()) {
    if (arguments.json) {
      console.out.write(json_line({{"name", entry.name},
                                   {"summary", entry.summary},
                                   {"finding", entry.finding},
                                   {"patch", entry.patch}}));
    } else {
      console.out.print("{}\n  {}\n  finding: {}\n  patch: docs/findings/{}\n", entry.name, entry.summary,
                        entry.finding, entry.patch);
    }
  }
  return ExitStatus::ok;
}

}  // namespace

void add_fixes(Program& program) {
  auto arguments = std::make_shared<FixesArguments>();
  CLI::App& app =
      program.add(fixes_page, [arguments](Console& console) { return run_fixes(*arguments, console); });
  app.add_flag("--json", arguments->json, "print each as a JSON object on a line");
}

}  // namespace sim::cli
