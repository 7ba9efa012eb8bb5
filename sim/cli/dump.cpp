// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim dump FILE: the metadata of a clone as text, as thin_dump does for thin pools.
#include <fmt/format.h>
#include <memory>
#include <string>

#include "sim/cli/check/report_output.h"
#include "sim/cli/commands.h"
#include "sim/cli/dump/dump_text.h"
#include "sim/cli/failure.h"
#include "sim/cli/metadata_file.h"
#include "sim/cli/text_file.h"
#include "sim/metadata/recover.h"
#include "sim/text/printable.h"

namespace sim::cli {

namespace {

struct DumpArguments {
  std::string file;
  std::string output;
  bool json = false;
  bool repair = false;
};

const Page dump_page = {
    .name = "dump",
    .summary = "print the metadata of a clone as XML or JSON",
    .arguments = "FILE",
    .description =
        "A FILE is the content of a clone's metadata device, or the block device itself, while no clone uses "
        "it. It is only read. The dump has the fields of the superblock, the hydrated regions as ranges, and "
        "where the blocks are: `thin_dump` for dm-clone. `dmsim restore` makes metadata of it again.\n\n"
        "Damaged metadata are not dumped: the findings of `dmsim check` go to standard error. With "
        "`--repair` "
        "what can be proven is dumped, as by `dmsim repair`; regions of which it cannot be proven whether "
        "they "
        "are hydrated are listed as `lost`. Leaks and counts that are too high hide nothing, and do not "
        "prevent a dump.",
    .examples = {{"look at the metadata of a clone", "dmsim dump metadata.img"},
                 {"how many regions are hydrated",
                  "dmsim dump --json metadata.img | jq '[.hydrated[].length] | add'"}},
    .exits = {{ExitStatus::ok, "dumped, and nothing is lost"},
              {ExitStatus::failed,
               "damaged; with `--repair`, regions are lost or nothing can be dumped; or output could not be "
               "written"},
              {ExitStatus::mistake, "the command line is wrong, or the file cannot be opened"}},
};

// A dump on standard output is complete or has not begun.
void print_dump(const DumpArguments& arguments, const std::string& text, Console& console) {
  if (arguments.output.empty()) {
    console.out.write(text);
  } else {
    write_complete_file(arguments.output, text);
  }
}

ExitStatus run_dump(const DumpArguments& arguments, Console& console) {
  const auto store = open_metadata(arguments.file);
  const metadata::Recovery recovery = metadata::recover(*store);
  const std::string name = printable(arguments.file);
  const bool damaged = recovery.report.unformatted || recovery.report.fatal();
  if (damaged) console.err.write(text_of(arguments.file, recovery.report));
  if (damaged && !arguments.repair) {
    throw Failure(ExitStatus::failed,
                  fmt::format("{}: {}", name,
                              recovery.contents ? "not dumped; --repair dumps what can be proven"
                                                : "nothing can be dumped"));
  }
  if (!recovery.contents)
    throw Failure(ExitStatus::failed, fmt::format("{}: nothing can be dumped without a superblock", name));
  print_dump(arguments, arguments.json ? json_of(*recovery.contents) : xml_of(*recovery.contents), console);
  if (recovery.contents->lost.empty()) return ExitStatus::ok;
  console.complain(fmt::format("{}: {} of {} regions are lost", name, recovery.contents->lost.count(),
                               recovery.contents->regions()));
  return ExitStatus::failed;
}

}  // namespace

void add_dump(Program& program) {
  auto arguments = std::make_shared<DumpArguments>();
  CLI::App& app =
      program.add(dump_page, [arguments](Console& console) { return run_dump(*arguments, console); });
  app.add_option("FILE", arguments->file, "a metadata device, or an image of one")->required();
  app.add_option("-o,--output", arguments->output, "write the dump to this file instead of standard output")
      ->option_text("FILE");
  app.add_flag("--json", arguments->json, "JSON instead of XML");
  app.add_flag("-r,--repair", arguments->repair, "dump what can be proven of damaged metadata");
}

}  // namespace sim::cli
