// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim repair -i FILE -o FILE: metadata that a kernel opens, of damaged ones, as thin_repair does for thin
// pools.
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <string>

#include "dmclone/metadata.h"

#include "sim/cli/check/report_output.h"
#include "sim/cli/commands.h"
#include "sim/cli/failure.h"
#include "sim/cli/metadata_file.h"
#include "sim/cli/quantity_options.h"
#include "sim/metadata/geometry.h"
#include "sim/metadata/recover.h"
#include "sim/restore/restore.h"
#include "sim/tables/amounts.h"
#include "sim/text/printable.h"

namespace sim::cli {

namespace {

using metadata::Contents;

struct RepairArguments {
  std::string input;
  std::string output;
  dmcore::sector_t target = 0;       // 0: as the superblock says
  dmcore::sector_t region_size = 0;  // the same
  dmcore::sector_t size = 0;         // 0: that of the device
  bool quiet = false;
};

const Page repair_page = {
    .name = "repair",
    .summary = "make metadata that a kernel opens of damaged ones, and say what is lost",
    .arguments = "-i FILE -o FILE",
    .description =
        "Reads a damaged metadata device, or an image of one, and writes a new image: `thin_repair` for "
        "dm-clone. The input is never "
        "changed. A region stays hydrated only if that can be proven: its bit is in a block that is intact, "
        "and so is all that leads there from the superblock. All other regions are **not hydrated** in the "
        "new "
        "image, and are listed as lost.\n\n"
        "A lost region is copied from the source again. What was written to it since the clone was made is "
        "then gone, and so is a discard. The destination still has these data until the clone hydrates the "
        "region. So copy the sectors that are listed from the destination device before the clone is created "
        "with the new metadata, or create it with `no_hydration`.\n\n"
        "Without a superblock, `--target` and `--region-size` say what the clone was, as its table does; "
        "then "
        "all regions are lost.",
    .examples = {{"repair, check, and put the result in place",
                  "dmsim repair -i /dev/vg/metadata -o new.img; dmsim check new.img && dd if=new.img "
                  "of=/dev/vg/metadata"},
                 {"after the superblock was lost",
                  "dmsim repair -i metadata.img -o new.img --target 100G --region-size 8"}},
    .exits = {{ExitStatus::ok, "nothing is lost"},
              {ExitStatus::failed,
               "written, but regions are lost; or the image or standard output could not be written"},
              {ExitStatus::mistake,
               "the command line is wrong, an input cannot be opened, or the superblock is lost "
               "and the sizes are not given; nothing was written"}},
};

// Without a superblock, what the user says.
Contents contents_of(const RepairArguments& arguments, const metadata::Recovery& recovery) {
  const std::string name = printable(arguments.input);
  const bool given = arguments.target != 0;
  if (recovery.contents) {
    const Contents& found = *recovery.contents;
    if (given && (found.target_size != arguments.target || found.region_size != arguments.region_size)) {
      throw Mistake(
          fmt::format("{}: is of a clone of {} sectors with regions of {}, not of {} with regions of {}",
                      name, found.target_size, found.region_size, arguments.target, arguments.region_size));
    }
    return found;
  }
  if (!given) {
    throw Mistake(fmt::format(
        "{}: the superblock is lost; --target and --region-size must say what the clone's table says", name));
  }
  if (const auto refused = metadata::refusal(arguments.target, arguments.region_size)) {
    throw Mistake(fmt::format("a clone of {} sectors with regions of {} sectors is refused: {}",
                              arguments.target, arguments.region_size, *refused));
  }
  return metadata::all_lost(arguments.target, arguments.region_size);
}

// An image may have lost its end.
dmcore::sector_t size_of(const RepairArguments& arguments, const Contents& contents, const Store& store) {
  if (arguments.size != 0) return arguments.size;
  dmcore::sector_t size = dmcore::to_sectors(store.size());
  if (contents.layout &&
      contents.layout->blocks <= dmclone::metadata_max_sectors / dmclone::metadata_block_sectors)
    size = std::max(size, contents.layout->blocks * dmclone::metadata_block_sectors);
  return size;
}

std::string list_of_lost(const Contents& contents) {
  std::string text = fmt::format("  {} of {} regions are lost, and not hydrated now:\n",
                                 contents.lost.count(), contents.regions());
  for (const metadata::RegionRange& range : contents.lost.ranges()) {
    const dmcore::sector_t end = std::min(range.end() * contents.region_size, contents.target_size);
    text += fmt::format("    regions {} to {}: sectors {} to {}\n", range.begin, range.end() - 1,
                        range.begin * contents.region_size, end - 1);
  }
  return text +
         "  what was written to them is only on the destination, and is lost when they are hydrated again\n";
}

ExitStatus run_repair(const RepairArguments& arguments, Console& console) {
  refuse_output(arguments.output, arguments.input);
  const auto store = open_metadata(arguments.input);
  const metadata::Recovery recovery = metadata::recover(*store);
  if (!arguments.quiet) console.out.write(text_of(arguments.input, recovery.report));
  const Contents contents = contents_of(arguments, recovery);
  const restore::Restored restored = restore::restore(contents, size_of(arguments, contents, *store));
  if (restored.image == nullptr)
    throw Failure(ExitStatus::failed,
                  fmt::format("{}: {}; see --size", printable(arguments.input), restored.why_not));
  save(*restored.image, arguments.output);
  if (!arguments.quiet) {
    console.out.print("{}: repaired\n  {} of {} regions hydrated\n", printable(arguments.output),
                      contents.hydrated.count(), contents.regions());
    if (!contents.lost.empty()) console.out.write(list_of_lost(contents));
  }
  return contents.lost.empty() ? ExitStatus::ok : ExitStatus::failed;
}

}  // namespace

void add_repair(Program& program) {
  auto arguments = std::make_shared<RepairArguments>();
  CLI::App& app =
      program.add(repair_page, [arguments](Console& console) { return run_repair(*arguments, console); });
  const auto sectors_to = [arguments](dmcore::sector_t RepairArguments::*field) {
    return [arguments, field](std::uint64_t bytes) { (*arguments).*field = dmcore::to_sectors(bytes); };
  };
  app.add_option("-i,--input", arguments->input, "the damaged metadata device, or an image of it")
      ->required()
      ->option_text("FILE");
  app.add_option("-o,--output", arguments->output, "the new image, which is created or replaced")
      ->required()
      ->option_text("FILE");
  CLI::Option* target = add_size_option(app, "--target", "length of the clone, if the superblock is lost",
                                        sectors_to(&RepairArguments::target));
  CLI::Option* region_size =
      add_size_option(app, "--region-size", "size of a region, if the superblock is lost",
                      sectors_to(&RepairArguments::region_size));
  target->needs(region_size);
  region_size->needs(target);
  add_size_option(app, "--size", "size of the new image; default: that of the device",
                  sectors_to(&RepairArguments::size));
  app.add_flag("-q,--quiet", arguments->quiet,
               "print nothing; the exit status says whether something is lost");
}

}  // namespace sim::cli
