// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim metadata-size --target SIZE --region-size SIZE: how large a clone's metadata device has to be.
#include "sim/tables/metadata_size.h"

#include <fmt/format.h>
#include <memory>

#include "dmclone/metadata.h"

#include "sim/cli/commands.h"
#include "sim/cli/failure.h"
#include "sim/cli/quantity_options.h"
#include "sim/tables/amounts.h"

namespace sim::cli {

namespace {

using tables::MetadataSize;

struct MetadataSizeArguments {
  dmcore::sector_t target = 0;
  dmcore::sector_t region_size = 0;
};

const Page metadata_size_page = {
    .name = "metadata-size",
    .summary = "say how large a clone's metadata device has to be",
    .arguments = "--target SIZE --region-size SIZE",
    .description =
        "Prints the size below which the clone cannot be created, and the size that is enough for every "
        "commit. A "
        "SIZE is a number of sectors of 512 bytes, or a number and `K`, `M`, `G` or `T`.",
    .examples = {{"the metadata of a clone of 100 GiB with regions of 4 KiB",
                  "dmsim metadata-size --target 100G --region-size 8"}},
    .exits = {{ExitStatus::ok, "printed"},
              {ExitStatus::failed, "standard output could not be written"},
              {ExitStatus::mistake, "a size is wrong, or a clone like that would be refused"}},
};

void print_size(Output& out, std::string_view what, std::uint64_t blocks, std::string_view meaning) {
  const dmcore::sector_t size = blocks * dmclone::metadata_block_sectors;
  out.print("{:<7} {} blocks = {} sectors ({}): {}\n", what, blocks, size, tables::amount(size), meaning);
}

void print_sizes(Output& out, dmcore::sector_t target, dmcore::sector_t region, const MetadataSize& size) {
  out.print("clone   {} sectors ({}) in {} regions of {} sectors ({})\n", target, tables::amount(target),
            size.regions, region, tables::amount(region));
  print_size(out, "format", size.to_format, "enough to create the clone, and not one block less");
  print_size(out, "commit", size.to_commit,
             "enough for every commit, whatever has changed since the last one");
  out.print(
      "        the superblock and an empty tree of reference counts; and twice, for the last transaction and "
      "the\n"
      "        one being written: {} of bitmap, {} to find them, {} of space map, 1 that finds these\n",
      size.array_blocks, size.nodes, size.bitmaps);
}

ExitStatus run_metadata_size(const MetadataSizeArguments& arguments, Console& console) {
  const auto size = tables::metadata_size(arguments.target, arguments.region_size);
  if (const std::string* refusal = std::get_if<std::string>(&size)) {
    throw Mistake(fmt::format("a clone of {} sectors with regions of {} sectors is refused: {}",
                              arguments.target, arguments.region_size, *refusal));
  }
  print_sizes(console.out, arguments.target, arguments.region_size, std::get<MetadataSize>(size));
  return ExitStatus::ok;
}

}  // namespace

void add_metadata_size(Program& program) {
  auto arguments = std::make_shared<MetadataSizeArguments>();
  CLI::App& app = program.add(
      metadata_size_page, [arguments](Console& console) { return run_metadata_size(*arguments, console); });
  const auto sectors_to = [](dmcore::sector_t& target) {
    return [&target](std::uint64_t bytes) { target = dmcore::to_sectors(bytes); };
  };
  add_size_option(app, "--target", "length of the clone", sectors_to(arguments->target))->required();
  add_size_option(app, "--region-size", "size of a region", sectors_to(arguments->region_size))->required();
}

}  // namespace sim::cli
