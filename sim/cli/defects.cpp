// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim defects: what --defect can put in.
#include <fmt/format.h>
#include <memory>

#include "sim/cli/commands.h"
#include "sim/cli/json_line.h"
#include "sim/defects/catalogue.h"

namespace sim::cli {

namespace {

struct DefectsArguments {
  bool json = false;
};

const Page defects_page = {
    .name = "defects",
    .summary = "list the defects that can be put into the machine's code",
    .arguments = "",
    .description =
        "Prints the names that `--defect` takes, what is done wrong then and what it may cost, which search "
        "is to "
        "find it, and which commit mended the same mistake in Linux, or one of its kind elsewhere. Each is "
        "found "
        "by `dmsim explore crash --generate 1000 --defect NAME`, or by `dmsim explore schedules --generate "
        "1000 "
        "--budget 100 --defect NAME`. Their stories are in docs/defects.md.",
    .examples = {{"all defects", "dmsim defects"},
                 {"what one of them does to a scenario",
                  "dmsim explore crash --defect commit-before-flush first.dms"},
                 {"what the search of schedules finds with another one",
                  "dmsim explore schedules --generate 1000 --budget 100 --defect hydrated-twice"}},
    .exits = {{ExitStatus::ok, "printed"}, {ExitStatus::failed, "standard output could not be written"}},
};

std::string origin_of(const DefectEntry& entry) {
  if (!entry.commit.empty()) return fmt::format("mended in Linux by {}", entry.commit);
  if (!entry.relative.empty()) return fmt::format("not from Linux; of the kind of {}", entry.relative);
  return "not from Linux";
}

ExitStatus run_defects(const DefectsArguments& arguments, Console& console) {
  for (const DefectEntry& entry : defect_catalogue()) {
    if (!arguments.json) {
      console.out.print("{}\n  {}\n  lost: {}\n  found by: dmsim explore {}\n  {}\n", entry.name,
                        entry.summary, entry.lost, name_of(entry.found_by), origin_of(entry));
      continue;
    }
    Json line = {{"name", entry.name},
                 {"summary", entry.summary},
                 {"lost", entry.lost},
                 {"found_by", name_of(entry.found_by)}};
    line["commit"] = entry.commit.empty() ? Json() : Json(entry.commit);
    line["relative"] = entry.relative.empty() ? Json() : Json(entry.relative);
    console.out.write(json_line(line));
  }
  return ExitStatus::ok;
}

}  // namespace

void add_defects(Program& program) {
  auto arguments = std::make_shared<DefectsArguments>();
  CLI::App& app =
      program.add(defects_page, [arguments](Console& console) { return run_defects(*arguments, console); });
  app.add_flag("--json", arguments->json, "print each as a JSON object on a line");
}

}  // namespace sim::cli
