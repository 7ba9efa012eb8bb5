// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim help [TOPIC]: shows the page of a subcommand or of another topic.
#include <fmt/format.h>
#include <memory>

#include "sim/cli/commands.h"
#include "sim/cli/failure.h"
#include "sim/text/printable.h"

namespace sim::cli {

namespace {

const Page help_page = {
    .name = "help",
    .summary = "show the page of a subcommand, or of the scenario language",
    .arguments = "[TOPIC]",
    .description =
        "Without a TOPIC, shows the subcommands and the other topics. `dmsim SUBCOMMAND --help` shows the "
        "same "
        "as `dmsim help SUBCOMMAND`, and so does the manual page dmsim-SUBCOMMAND(1).",
    .examples = {{"show what a subcommand does", "dmsim help replay"},
                 {"the scenario language", "dmsim help scenario | less"}},
    .exits = {{ExitStatus::ok, "shown"},
              {ExitStatus::failed, "standard output could not be written"},
              {ExitStatus::mistake, "there is no such topic"}},
};

manual::Document page_of_topic(const Program& program, const std::string& topic) {
  if (topic.empty()) return program.overview();
  if (const Program::Subcommand* subcommand = program.find(topic)) return program.document(*subcommand);
  for (const Program::Topic& one : program.topics()) {
    if (one.name == topic) return one.document;
  }
  throw Mistake(fmt::format("there is no help on {}{}", in_quotes(topic), program.suggestion(topic)));
}

}  // namespace

void add_help(Program& program) {
  auto topic = std::make_shared<std::string>();
  CLI::App& app = program.add(help_page, [topic, &program](Console& console) {
    console.out.write(manual::to_text(page_of_topic(program, *topic), console.out.width()));
    return ExitStatus::ok;
  });
  app.add_option("TOPIC", *topic, "a subcommand, or `scenario`");
}

}  // namespace sim::cli
