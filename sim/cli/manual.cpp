// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim manual: the files that are installed beside the program, and the sections of docs/command-line.md.
#include <filesystem>
#include <fmt/format.h>
#include <memory>

#include "sim/cli/commands.h"
#include "sim/cli/failure.h"
#include "sim/cli/manual/pages.h"
#include "sim/cli/options.h"
#include "sim/cli/text_file.h"
#include "sim/text/printable.h"

namespace sim::cli {

namespace {

struct ManualArguments {
  std::string folder;
  std::string name;
};

const Page manual_page = {
    .name = "manual",
    .summary = "write the manual pages and the other files that are installed beside the program",
    .arguments = "",
    .description = "Used by the build and by the documentation's tests.",
    .examples = {{"all that is installed below `/usr/share`", "dmsim manual --output share"},
                 {"the section of a subcommand in `docs/command-line.md`", "dmsim manual --markdown replay"}},
    .exits = {{ExitStatus::ok, "written"},
              {ExitStatus::failed, "something could not be written"},
              {ExitStatus::mistake, ""}},
    .listed = false,
};

void write_files(const Program& program, const std::string& folder) {
  for (const manual::File& file : manual::installed_files(program)) {
    const std::filesystem::path path = std::filesystem::path(folder) / file.path;
    std::filesystem::create_directories(path.parent_path());
    write_text_file(path.string(), file.content);
  }
}

manual::Document page_named(const Program& program, const std::string& name) {
  if (name == program.name()) return program.overview();
  const Program::Subcommand* subcommand = program.find(name);
  if (subcommand == nullptr) throw Mistake(fmt::format("there is no subcommand {}", in_quotes(name)));
  return program.document(*subcommand);
}

ExitStatus run_manual(const Program& program, const ManualArguments& arguments, Console& console) {
  if (arguments.folder.empty() == arguments.name.empty())
    throw Mistake("either --output or --markdown is required");
  if (!arguments.folder.empty()) write_files(program, arguments.folder);
  if (!arguments.name.empty())
    console.out.write(manual::to_markdown_section(page_named(program, arguments.name)));
  return ExitStatus::ok;
}

}  // namespace

void add_manual(Program& program) {
  auto arguments = std::make_shared<ManualArguments>();
  CLI::App& app = program.add(manual_page, [arguments, &program](Console& console) {
    return run_manual(program, *arguments, console);
  });
  app.add_option("--output", arguments->folder,
                 "write all files into this folder, as they lie below `/usr/share`")
      ->option_text("FOLDER");
  app.add_option("--markdown", arguments->name,
                 "print the section of `docs/command-line.md` on a subcommand, or on `dmsim`")
      ->option_text("NAME");
}

}  // namespace sim::cli
