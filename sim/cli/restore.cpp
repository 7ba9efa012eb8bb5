// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim restore -i DUMP -o FILE: metadata of a clone from a dump, as thin_restore does for thin pools.
#include "sim/restore/restore.h"

#include <fmt/format.h>
#include <memory>
#include <string>

#include "sim/cli/commands.h"
#include "sim/cli/dump/dump_text.h"
#include "sim/cli/failure.h"
#include "sim/cli/metadata_file.h"
#include "sim/cli/quantity_options.h"
#include "sim/cli/text_file.h"
#include "sim/text/printable.h"

namespace sim::cli {

namespace {

struct RestoreArguments {
  std::string input;
  std::string output;
  dmcore::sector_t size = 0;  // 0: as the dump says
  bool quiet = false;
};

const Page restore_page = {
    .name = "restore",
    .summary = "make the metadata of a clone from a dump",
    .arguments = "-i DUMP -o FILE",
    .description =
        "Reads what `dmsim dump` prints, XML or JSON, and writes the metadata device as a file: "
        "`thin_restore` "
        "for dm-clone. The clone's own code formats a device, marks the regions that are hydrated and "
        "commits "
        "them, so these are the bytes that a kernel writes which does the same. Regions that the dump calls "
        "lost are not hydrated.\n\n"
        "The output says whether the blocks in use have the same bytes, at the same places, as on the device "
        "that was dumped. They do if that was formatted and then had one commit; up to 32576 regions, also "
        "if "
        "it had more commits without being opened again in between. Otherwise the reason is given. The file "
        "has the size of the device that was dumped. Where the dump has no `layout`, it has the size that is "
        "enough for every commit (see `dmsim metadata-size`).",
    .examples = {{"make a copy of metadata", "dmsim dump metadata.img | dmsim restore -i - -o copy.img"},
                 {"onto a larger device", "dmsim restore -i dump.xml -o larger.img --size 16M"}},
    .exits = {{ExitStatus::ok, "restored"},
              {ExitStatus::failed,
               "the size is too small, or the file or standard output could not be written"},
              {ExitStatus::mistake, "the command line or the dump is wrong; nothing was written"}},
};

std::string summary_of(const metadata::Contents& contents, const restore::Restored& restored) {
  std::string text =
      fmt::format("{} of {} regions hydrated; formatted, then {} {}\n", contents.hydrated.count(),
                  contents.regions(), restored.commits, restored.commits == 1 ? "commit" : "commits");
  if (!contents.lost.empty())
    text += fmt::format("  {} regions are not hydrated because the dump calls them lost\n",
                        contents.lost.count());
  if (!restored.same_bytes) return text + "  the dump does not say where the blocks were\n";
  if (*restored.same_bytes)
    return text + "  the blocks in use are those of the dumped device, byte for byte\n";
  return text + fmt::format("  the blocks in use are not those of the dumped device: {}\n",
                            restored.why_other_bytes);
}

ExitStatus run_restore(const RestoreArguments& arguments, Console& console) {
  const metadata::Contents contents = read_dump(arguments.input, read_text_file(arguments.input));
  refuse_output(arguments.output, arguments.input);
  const dmcore::sector_t size = arguments.size != 0 ? arguments.size : restore::default_size(contents);
  const restore::Restored restored = restore::restore(contents, size);
  if (restored.image == nullptr)
    throw Failure(ExitStatus::failed, fmt::format("{}: {}", printable(arguments.input), restored.why_not));
  save(*restored.image, arguments.output);
  if (!arguments.quiet)
    console.out.print("{}: {}", printable(arguments.output), summary_of(contents, restored));
  return ExitStatus::ok;
}

}  // namespace

void add_restore(Program& program) {
  auto arguments = std::make_shared<RestoreArguments>();
  CLI::App& app =
      program.add(restore_page, [arguments](Console& console) { return run_restore(*arguments, console); });
  app.add_option("-i,--input", arguments->input, "the dump; `-` is standard input")
      ->required()
      ->option_text("DUMP");
  app.add_option("-o,--output", arguments->output, "the file, which is created or replaced")
      ->required()
      ->option_text("FILE");
  add_size_option(app, "--size", "size of the metadata device",
                  [arguments](std::uint64_t bytes) { arguments->size = dmcore::to_sectors(bytes); });
  app.add_flag("-q,--quiet", arguments->quiet, "print nothing");
}

}  // namespace sim::cli
