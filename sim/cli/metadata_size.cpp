// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim metadata-size --target SIZE --region-size N: how large a clone's metadata device has to be.
#include "sim/tables/metadata_size.h"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <memory>

#include "dmclone/metadata.h"

#include "sim/cli/metadata_size.h"
#include "sim/tables/amounts.h"
#include "sim/text/quantities.h"

namespace sim::cli {

namespace {

using tables::MetadataSize;

struct Arguments {
  std::string target;
  std::string region_size;
};

constexpr int wrong_input = 2;

// A size that is a whole number of sectors; nothing, with a complaint, if it is none.
std::optional<dmcore::sector_t> sectors(std::string_view option, const std::string& text) {
  const std::optional<std::uint64_t> bytes = parse_size(text);
  if (bytes) return dmcore::to_sectors(*bytes);
  fmt::print(stderr, "dmsim: {}: {}\n", option, not_a_size(text));
  return std::nullopt;
}

void print_size(std::string_view what, std::uint64_t blocks, std::string_view meaning) {
  const dmcore::sector_t size = blocks * dmclone::metadata_block_sectors;
  fmt::print("{:<7} {} blocks = {} sectors ({}): {}\n", what, blocks, size, tables::amount(size), meaning);
}

void print_sizes(dmcore::sector_t target, dmcore::sector_t region, const MetadataSize& size) {
  fmt::print("clone   {} sectors ({}) in {} regions of {} sectors ({})\n", target, tables::amount(target),
             size.regions, region, tables::amount(region));
  print_size("format", size.to_format, "enough to create the clone, and not one block less");
  print_size("commit", size.to_commit, "enough for every commit, whatever has changed since the last one");
  fmt::print(
      "        the superblock and an empty tree of reference counts; and twice, for the last transaction and "
      "the\n"
      "        one being written: {} of bitmap, {} to find them, {} of space map, 1 that finds these\n",
      size.array_blocks, size.nodes, size.bitmaps);
}

int run(const Arguments& arguments) {
  const auto target = sectors("--target", arguments.target);
  const auto region = sectors("--region-size", arguments.region_size);
  if (!target || !region) return wrong_input;
  const auto size = tables::metadata_size(*target, *region);
  if (const std::string* refusal = std::get_if<std::string>(&size)) {
    fmt::print(stderr, "dmsim: a clone of {} sectors with regions of {} sectors is refused: {}\n", *target,
               *region, *refusal);
    return wrong_input;
  }
  print_sizes(*target, *region, std::get<MetadataSize>(size));
  return 0;
}

}  // namespace

void add_metadata_size(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("metadata-size", "say how large a clone's metadata device has to be");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("--target", arguments->target, "length of the clone: sectors, or with K, M, G, T")
      ->required()
      ->option_text("SIZE");
  command->add_option("--region-size", arguments->region_size, "size of a region: sectors, or with K, M, G")
      ->required()
      ->option_text("SIZE");
  command->callback([arguments, &action] { action = [arguments] { return run(*arguments); }; });
}

}  // namespace sim::cli
