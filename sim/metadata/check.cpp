// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/metadata/check.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

#include "dmcore/kernel/memory.h"

#include "dmclone/superblock.h"

#include "sim/metadata/bitset_check.h"
#include "sim/metadata/blocks.h"
#include "sim/metadata/geometry.h"
#include "sim/metadata/space_map_check.h"

namespace sim::metadata {

namespace {

using dmclone::SuperblockDisk;

// Their superblocks have the magic number where a clone's has it.
struct OtherTarget {
  std::uint64_t magic;
  std::string_view name;
};
constexpr auto other_targets = std::to_array<OtherTarget>({
    {27022010, "a thin pool"},
    {6142003, "a cache"},
    {2126579579, "an era device"},
});

std::string wrong_magic(std::uint64_t magic) {
  for (const OtherTarget& other : other_targets) {
    if (magic == other.magic) return fmt::format("this is the metadata of {}, not of a clone", other.name);
  }
  return fmt::format("this is no metadata of a clone: magic number {:#x}, expected {:#x}", magic,
                     dmclone::superblock_magic);
}

class Check {
 public:
  Check(const Store& device, Report& report) : blocks_(device, report.findings), report_(report) {}

  void run(Depth depth);

 private:
  // Whether what it leads to can be found.
  bool check_superblock();
  bool is_superblock();
  void check_unused_fields();
  void summarize();

  [[nodiscard]] const SuperblockDisk& superblock() const { return structure<SuperblockDisk>(bytes_); }
  [[nodiscard]] dmcore::SpaceMapRootDisk space_map_root() const {
    dmcore::SpaceMapRootDisk root;
    std::memcpy(&root, superblock().metadata_space_map_root.data(), sizeof root);
    return root;
  }

  Blocks blocks_;
  Report& report_;
  Path path_{nullptr, "superblock", dmclone::superblock_location};
  Block bytes_{};
};

void Check::run(Depth depth) {
  if (!check_superblock() || depth == Depth::superblock) return;
  SpaceMapCheck space_map(blocks_, space_map_root());
  space_map.read(path_);
  if (depth == Depth::everything) {
    check_bitset(blocks_, {&path_, "bitset root", superblock().bitset_root}, *report_.summary);
  } else {
    blocks_.hide_some();
  }
  space_map.compare(path_);
  report_.summary->digest = blocks_.digest();
}

bool Check::check_superblock() {
  if (blocks_.size() == 0) {
    blocks_.report(Kind::too_small, path_,
                   fmt::format("is not there: the device is smaller than a block of {} bytes", block_bytes));
    return false;
  }
  if (!blocks_.read_superblock(path_, bytes_)) return false;
  if (dmcore::all_zero(bytes_)) {
    report_.unformatted = true;
    return false;
  }
  if (!is_superblock()) return false;
  blocks_.digest(path_.block, superblock().csum);
  check_unused_fields();
  summarize();
  return true;
}

bool Check::is_superblock() {
  const SuperblockDisk& disk = superblock();
  if (disk.magic != dmclone::superblock_magic) {
    blocks_.report(Kind::not_metadata, path_, wrong_magic(disk.magic));
    return false;
  }
  if (const std::uint32_t csum = checksum_for(Use::superblock, bytes_); disk.csum != csum) {
    blocks_.report(Kind::checksum, path_,
                   fmt::format("checksum {:#010x}, expected {:#010x}", disk.csum.value(), csum));
    return false;
  }
  if (disk.version < dmclone::metadata_version_min || disk.version > dmclone::metadata_version_max) {
    blocks_.report(Kind::version, path_,
                   fmt::format("version {}, expected {} to {}", disk.version.value(),
                               dmclone::metadata_version_min, dmclone::metadata_version_max));
    return false;
  }
  return true;
}

void Check::check_unused_fields() {
  const SuperblockDisk& disk = superblock();
  if (disk.blocknr != dmclone::superblock_location)
    blocks_.report(Kind::block_number, path_, fmt::format("says that it is block {}", disk.blocknr.value()));
  if (disk.flags != 0)
    blocks_.report(Kind::superblock, path_, fmt::format("flags {:#x}, expected 0", disk.flags.value()));
  if (std::any_of(disk.uuid.begin(), disk.uuid.end(), [](std::uint8_t byte) { return byte != 0; }))
    blocks_.report(Kind::superblock, path_, "has a uuid, which dm-clone leaves zero");
  if (const auto refused = refusal(disk.target_size, disk.region_size)) {
    blocks_.report(Kind::geometry, path_,
                   fmt::format("target of {} sectors, regions of {}: {}", disk.target_size.value(),
                               disk.region_size.value(), *refused));
  }
}

void Check::summarize() {
  const SuperblockDisk& disk = superblock();
  Summary& summary = report_.summary.emplace();
  summary.version = disk.version;
  summary.region_size = disk.region_size;
  summary.target_size = disk.target_size;
  if (!refusal(disk.target_size, disk.region_size))
    summary.regions = dmcore::div_round_up(disk.target_size, disk.region_size);
  summary.blocks = space_map_root().nr_blocks;
  summary.blocks_used = space_map_root().nr_allocated;
  summary.device_blocks = blocks_.size();
  summary.block_size = block_bytes;
}

}  // namespace

Report check(const Store& device, Depth depth) {
  Report report;
  Check(device, report).run(depth);
  return report;
}

}  // namespace sim::metadata
