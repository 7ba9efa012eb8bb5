// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/scenario/crash.h"

#include <algorithm>
#include <fmt/core.h>
#include <map>
#include <memory>
#include <random>

#include "sim/disk/undetermined_store.h"

namespace sim::scenario {

namespace {

using language::CrashCommand;

// A generator for each block, so that what one block keeps does not depend on the others. std::seed_seq and
// the generator are the same everywhere.
std::size_t drawn(std::uint64_t seed, const std::string& disk, std::uint64_t offset, std::size_t count) {
  std::vector<std::uint32_t> material;
  for (const std::uint64_t number : {seed, offset}) {
    material.push_back(static_cast<std::uint32_t>(number));
    material.push_back(static_cast<std::uint32_t>(number >> 32));
  }
  for (const char c : disk) material.push_back(static_cast<unsigned char>(c));
  std::seed_seq sequence(material.begin(), material.end());
  std::mt19937 random(sequence);
  return random() % count;
}

// A line if the disk has lost something.
CommandOutput cut_disk(VirtualDisk& disk, const CrashCommand& command, bool powered) {
  std::size_t undetermined = 0;
  std::size_t lost = 0;
  const dmcore::Status status =
      disk.durability()->cut([&](std::uint64_t offset, const Durability::Candidates& candidates) {
        std::size_t kept = candidates.newest;
        if (!powered && command.keep == CrashCommand::Keep::durable) kept = 0;
        if (!powered && command.keep == CrashCommand::Keep::drawn)
          kept = drawn(command.seed, disk.name(), offset, candidates.contents.size());
        ++undetermined;
        if (kept != candidates.newest) ++lost;
        return kept;
      });
  if (!status.ok()) return failed_with(status.error());
  if (lost == 0) return {};
  return {{fmt::format("{}: {} of {} blocks that were not durable lost what was written last", disk.name(),
                       lost, undetermined)}};
}

// Its blocks are chosen when they are read.
std::unique_ptr<Store> undetermined_store_of(VirtualDisk& disk, const ChooseKept& choose) {
  std::map<std::uint64_t, Durability::Candidates> open;
  for (const std::uint64_t offset : disk.durability()->undetermined())
    open.emplace(offset, disk.durability()->candidates(offset));
  return std::make_unique<UndeterminedStore>(
      disk.take_store(), disk.options().logical_block_size, std::move(open),
      [choose, name = disk.name()](std::uint64_t offset, const Durability::Candidates& candidates) {
        return choose(name, offset, candidates);
      });
}

}  // namespace

CommandOutput restart(Machine& machine, Machine& started, const CrashCommand& command,
                      const ChooseKept& choose) {
  CommandOutput all;
  for (const auto& [name, disk] : machine.disks()) {
    const bool named = std::find(command.disks.begin(), command.disks.end(), name) != command.disks.end();
    const bool powered = !command.disks.empty() && !named;
    const bool open = choose && !powered && command.keep != CrashCommand::Keep::newest;
    if (!open) {
      const CommandOutput output = cut_disk(*disk, command, powered);
      all.lines.insert(all.lines.end(), output.lines.begin(), output.lines.end());
      all.failed = all.failed || output.failed;
    }
    const DiskOptions options = disk->options();
    VirtualDisk& moved = started.add_disk(
        name, open ? undetermined_store_of(*disk, choose) : disk->take_store(), options, disk->dev());
    moved.set_faults(disk->faults());
  }
  return all;
}

}  // namespace sim::scenario
