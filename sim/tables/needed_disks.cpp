// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/needed_disks.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace sim::tables {

namespace {

// No block device is larger: its size in bytes is a signed number of 64 bits.
constexpr dmcore::sector_t disk_sectors_max = dmcore::to_sectors(std::numeric_limits<std::int64_t>::max());

}  // namespace

Referent NeededDisks::disk_for(const Identity& identity, const Mention& mention) {
  std::size_t index = stack_.disks.size();
  if (identity.number) {
    const auto found = by_number_.find(*identity.number);
    if (found != by_number_.end()) index = found->second;
  }
  if (index == stack_.disks.size()) {
    const auto found = by_name_.find(identity.name);
    const bool same = found != by_name_.end() && !(identity.number && stack_.disks[found->second].number);
    index = same ? found->second : add(identity, mention);
  }
  NeededDisk& disk = stack_.disks[index];
  if (!disk.number && identity.number) {
    disk.number = identity.number;
    by_number_[*disk.number] = index;
  }
  grow(disk, mention);
  return {Referent::Kind::disk, index};
}

std::size_t NeededDisks::add(const Identity& identity, const Mention& mention) {
  NeededDisk disk{.name = identity.name, .number = identity.number, .stand_in = identity.stand_in};
  while (by_name_.contains(disk.name)) disk.name += "-";
  const std::size_t index = stack_.disks.size();
  by_name_[disk.name] = index;
  if (disk.number) by_number_[*disk.number] = index;
  if (!disk.number && !disk.stand_in) {
    stack_.notes.push_back({Note::Kind::assumed, stack_.devices[mention.device].lines[mention.line].where,
                            fmt::format("{} is a disk: no device of the file has that name", mention.word)});
  }
  stack_.disks.push_back(std::move(disk));
  return index;
}

// A line that needs more than there can be is wrong, and says nothing about the disk's size.
void NeededDisks::grow(NeededDisk& disk, const Mention& mention) const {
  const dmcore::sector_t length = stack_.devices[mention.device].lines[mention.line].target.length;
  const dmcore::sector_t wanted = mention.reference.wanted <= disk_sectors_max
                                      ? mention.reference.wanted
                                      : std::min(length, disk_sectors_max);
  disk.sectors = std::max(disk.sectors, wanted);
}

// A size that was measured counts, even if it is too small; a rounded one only if it is large enough.
void NeededDisks::take_sizes(const ListIndex& list) {
  for (NeededDisk& disk : stack_.disks) {
    const ListedDevice* known = disk.number ? list.find(*disk.number, stack_.dm_major) : list.find(disk.name);
    if (known == nullptr) continue;
    disk.read_only = known->read_only;
    if (!known->sectors) continue;
    if (known->rounded) {
      disk.sectors = std::max(disk.sectors, *known->sectors);
      stack_.notes.push_back(
          {Note::Kind::assumed, known->where,
           fmt::format("{} has {} sectors: its size was rounded (lsblk -b prints all digits)", disk.name,
                       disk.sectors)});
    } else {
      disk.sectors = *known->sectors;
    }
  }
}

}  // namespace sim::tables
