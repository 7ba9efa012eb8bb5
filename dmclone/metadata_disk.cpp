// SPDX-License-Identifier: GPL-2.0-or-later
// What reads and writes the metadata device.
#include <algorithm>
#include <bit>
#include <utility>

#include "dmclone/metadata.h"

namespace dmclone {

using dmcore::BlockRef;
using dmcore::Errno;
using dmcore::Status;

CloneMetadata::OnDisk::OnDisk(dmcore::Kernel& kernel, dmcore::BlockDevice& device)
    : blocks(kernel, device, static_cast<std::uint32_t>(dmcore::to_bytes(metadata_block_sectors))),
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
  bool all_zeroes = false;
  DMCORE_TRY(superblock_all_zeroes(all_zeroes));
  if (!all_zeroes) return open_formatted();
  return may_format ? format() : Status(Errno::perm);
}

// A device with anything in its first block is not formatted, whatever it is.
Status CloneMetadata::superblock_all_zeroes(bool& all_zeroes) {
  BlockRef block;
  if (const Status status = on_disk_->blocks.read_lock(superblock_location, nullptr, block); !status.ok()) {
    return error("Failed to read_lock superblock", status);
  }
  const std::span<const std::byte> bytes = block.data();
  all_zeroes = std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte{0}; });
  return {};
}

Status CloneMetadata::open_formatted() {
  BlockRef block;
  if (const Status status = on_disk_->blocks.read_lock(superblock_location, &superblock_validator(), block);
      !status.ok()) {
    return error("Failed to read_lock superblock", status);
  }
  const auto& superblock = block.as<SuperblockDisk>();
  if (region_sectors_ != superblock.region_size || target_sectors_ != superblock.target_size) {
    return error("Region and/or target size don't match the ones in metadata", Errno::inval);
  }
  if (const Status status = on_disk_->space_map.open(superblock.metadata_space_map_root); !status.ok()) {
    return error("dm_tm_open_with_sm failed", status);
  }
  bitset_root_ = superblock.bitset_root;
  return {};
}

Status CloneMetadata::format() {
  const dmcore::block_t nr_blocks = on_disk_->blocks.nr_blocks();
  if (const Status status = on_disk_->space_map.create(nr_blocks, superblock_location); !status.ok()) {
    return error("Failed to create transaction manager", status);
  }
  if (const Status status = on_disk_->bitset.create_empty(bitset_root_); !status.ok()) {
    return error("Failed to create empty on-disk bitset", status);
  }
  const auto nr_bits = static_cast<std::uint32_t>(nr_regions_);
  if (const Status status = on_disk_->bitset.resize(bitset_root_, 0, nr_bits, false); !status.ok()) {
    return error(fmt::format("Failed to resize on-disk bitset to {} entries", nr_regions_), status);
  }
  return write_everything();
}

// Writes all that changed, and then, alone, the superblock that refers to it.
Status CloneMetadata::write_everything() {
  if (const Status status = on_disk_->transactions().pre_commit(); !status.ok()) {
    return error("dm_tm_pre_commit failed", status);
  }
  if (const Status status = on_disk_->space_map.copy_root(space_map_root_); !status.ok()) {
    return error("__copy_sm_root failed", status);
  }
  BlockRef block;
  if (const Status status =
          on_disk_->blocks.write_lock_zero(superblock_location, &superblock_validator(), block);
      !status.ok()) {
    return error("Failed to write_lock superblock", status);
  }
  fill_superblock(block.as<SuperblockDisk>());
  if (const Status status = on_disk_->transactions().commit(block); !status.ok()) {
    return error("Failed to commit superblock", status);
  }
  return {};
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

// Words that were loaded before something fails stay loaded.
Status CloneMetadata::load_bitset_in_core() {
  DMCORE_TRY(on_disk_->bitset.flush(bitset_root_));
  dmcore::DiskBitsetCursor cursor(on_disk_->bitset);
  DMCORE_TRY(cursor.begin(bitset_root_));
  for (std::uint64_t word = 0;;) {
    region_map_.set_word(word, cursor.word());
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
  for (std::uint64_t dirty = map.dirty_regions_of(word); dirty != 0; dirty &= dirty - 1) {
    const std::uint64_t region =
        word * RegionBitmap::word_bits + static_cast<unsigned>(std::countr_zero(dirty));
    if (const Status status = on_disk_->bitset.set(bitset_root_, static_cast<std::uint32_t>(region));
        !status.ok()) {
      return error("dm_bitset_set_bit failed", status);
    }
    map.clear_region(region);
  }
  return {};
}

Status CloneMetadata::commit_on_disk() {
  if (const Status status = on_disk_->bitset.flush(bitset_root_); !status.ok()) {
    return error("dm_bitset_flush failed", status);
  }
  return write_everything();
}

}  // namespace dmclone
