// SPDX-License-Identifier: GPL-2.0-or-later
// I/O of the metadata device.
#include <bit>
#include <utility>

#include "dmcore/kernel/memory.h"
#include "dmcore/kernel/order.h"

#include "dmclone/metadata.h"

namespace dmclone {

using dmcore::BlockRef;
using dmcore::Defect;
using dmcore::Errno;
using dmcore::Result;
using dmcore::Status;

CloneMetadata::OnDisk::OnDisk(dmcore::Kernel& kernel, dmcore::BlockDevice& device)
    : blocks(kernel, device, static_cast<std::uint32_t>(dmcore::to_bytes(metadata_block_sectors)),
             max_concurrent_locks),
      space_map(blocks),
      bitset(space_map.transactions()) {}

Status CloneMetadata::create_on_disk(bool may_format) {
  on_disk_ = std::make_unique<OnDisk>(kernel_, device_);
  const Status status = open_or_format(may_format);
  if (!status.ok()) destroy_on_disk();
  return status;
}

void CloneMetadata::destroy_on_disk() {
  on_disk_->blocks.destroy();
  on_disk_.reset();
}

Status CloneMetadata::open_or_format(bool may_format) {
  DMCORE_TRY_ASSIGN(const bool all_zeroes, superblock_all_zeroes());
  if (!all_zeroes) return open_formatted();
  return may_format ? format() : Status(Errno::perm);
}

// A device is only formatted if its first block is all zero.
Result<bool> CloneMetadata::superblock_all_zeroes() {
  DMCORE_TRY_ASSIGN(const BlockRef block, explain(on_disk_->blocks.read_lock(superblock_location, nullptr),
                                                  "Failed to read_lock superblock"));
  return dmcore::all_zero(block.data());
}

Status CloneMetadata::open_formatted() {
  DMCORE_TRY_ASSIGN(const BlockRef block,
                    explain(on_disk_->blocks.read_lock(superblock_location, &superblock_validator()),
                            "Failed to read_lock superblock"));
  const auto& superblock = block.as<SuperblockDisk>();
  if (region_sectors_ != superblock.region_size || target_sectors_ != superblock.target_size) {
    return kernel_.log().fail(Errno::inval, metadata_log_prefix,
                              "Region and/or target size don't match the ones in metadata");
  }
  DMCORE_TRY(
      explain(on_disk_->space_map.open(superblock.metadata_space_map_root), "dm_tm_open_with_sm failed"));
  bitset_root_ = superblock.bitset_root;
  return {};
}

Status CloneMetadata::format() {
  OnDisk& disk = *on_disk_;
  DMCORE_TRY(explain(disk.space_map.create(disk.blocks.nr_blocks(), superblock_location),
                     "Failed to create transaction manager"));
  DMCORE_TRY_ASSIGN(bitset_root_,
                    explain(disk.bitset.create_empty(), "Failed to create empty on-disk bitset"));
  const auto nr_bits = static_cast<std::uint32_t>(nr_regions_);
  DMCORE_TRY(explain(disk.bitset.resize(bitset_root_, 0, nr_bits, false),
                     "Failed to resize on-disk bitset to {} entries", nr_regions_));
  return write_everything();
}

// __metadata_commit(): writes all changes, and then the superblock that refers to them.
Status CloneMetadata::write_everything() {
  OnDisk& disk = *on_disk_;
  const bool early_root = has(Defect::early_space_map_root);
  if (early_root) DMCORE_TRY(disk.space_map.copy_root(space_map_root_));
  DMCORE_TRY(explain(disk.transactions().pre_commit(), "dm_tm_pre_commit failed"));
  if (!early_root) DMCORE_TRY(explain(disk.space_map.copy_root(space_map_root_), "__copy_sm_root failed"));
  DMCORE_TRY_ASSIGN(BlockRef block,
                    explain(disk.blocks.write_lock_zero(superblock_location, &superblock_validator()),
                            "Failed to write_lock superblock"));
  fill_superblock(block.as<SuperblockDisk>());
  return explain(disk.transactions().commit(std::move(block)), "Failed to commit superblock");
}

void CloneMetadata::fill_superblock(SuperblockDisk& superblock) const {
  superblock.flags = 0;
  superblock.uuid = {};
  superblock.magic = superblock_magic;
  superblock.version = metadata_version_max;
  superblock.metadata_space_map_root = space_map_root_;
  superblock.region_size = region_sectors_;
  superblock.target_size = target_sectors_;
  superblock.bitset_root = bitset_root_;
}

// The kernel assigns bit by bit, which only shows if others look meanwhile.
void CloneMetadata::load_word(std::uint64_t word, std::uint64_t bits) {
  if (!runtime_.watched()) {
    region_map_.set_word(word, bits);
    return;
  }
  const std::uint64_t first = word * RegionBitmap::word_bits;
  const dmcore::order::Unchecked racing("the kernel reloads without the lock of the bitmap");
  for (unsigned bit = 0; bit < RegionBitmap::word_bits && first + bit < nr_regions_; ++bit)
    assign_bit(first + bit, (bits >> bit & 1) != 0);
}

// On failure, words loaded so far stay loaded.
Status CloneMetadata::load_bitset_in_core() {
  DMCORE_TRY(on_disk_->bitset.flush(bitset_root_));
  dmcore::DiskBitsetCursor cursor(on_disk_->bitset);
  DMCORE_TRY(cursor.begin(bitset_root_));
  for (std::uint64_t word = 0;;) {
    load_word(word, cursor.word());
    if (++word == region_map_.words()) return {};
    DMCORE_TRY(cursor.next_word());
  }
}

Status CloneMetadata::update_bitset(DirtyMap& map) {
  for (std::uint64_t word = map.next_dirty_word(0); word < map.nr_words();
       word = map.next_dirty_word(word + 1)) {
    DMCORE_TRY(update_word(map, word));
    map.clear_word(word);
  }
  return {};
}

Status CloneMetadata::update_word(DirtyMap& map, std::uint64_t word) {
  std::uint64_t dirty = has(Defect::whole_word_commit) ? region_map_.word(word) : map.dirty_regions_of(word);
  for (; dirty != 0; dirty &= dirty - 1) {
    const std::uint64_t region =
        word * RegionBitmap::word_bits + static_cast<unsigned>(std::countr_zero(dirty));
    DMCORE_TRY(explain(on_disk_->bitset.set(bitset_root_, static_cast<std::uint32_t>(region)),
                       "dm_bitset_set_bit failed"));
    map.clear_region(region);
  }
  return {};
}

Status CloneMetadata::commit_on_disk() {
  if (!has(Defect::bitset_unflushed))
    DMCORE_TRY(explain(on_disk_->bitset.flush(bitset_root_), "dm_bitset_flush failed"));
  return write_everything();
}

}  // namespace dmclone
