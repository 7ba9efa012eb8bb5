// SPDX-License-Identifier: GPL-2.0-or-later
// Which regions are hydrated: in core and on the metadata device (drivers/md/dm-clone-metadata.c).
//
// The metadata device has a bitset. In core there is a copy, which changes first, and two dirty maps with the
// changes. A commit has two phases: pre_commit() closes the current transaction, so that regions hydrated
// later belong to the next one; commit() writes it. In between the caller flushes the destination device, so
// that the data of a region that is hydrated on the metadata device are durable.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "dmcore/block/block_device.h"
#include "dmcore/kernel/kernel.h"
#include "dmcore/kernel/lock.h"
#include "dmcore/kernel/order.h"
#include "dmcore/persistent/bitset.h"
#include "dmcore/persistent/block_manager.h"
#include "dmcore/persistent/metadata_space_map.h"

#include "dmclone/dirty_map.h"
#include "dmclone/log_prefix.h"
#include "dmclone/superblock.h"

namespace dmclone {

// DM_CLONE_METADATA_BLOCK_SIZE: in sectors, as in status lines.
inline constexpr dmcore::sector_t metadata_block_sectors = dmcore::MetadataSpaceMap::block_sectors;
// DM_CLONE_MAX_CONCURRENT_LOCKS: how many metadata blocks a task locks at once at most.
inline constexpr unsigned max_concurrent_locks = 5;
// DM_CLONE_METADATA_MAX_SECTORS: the part of a metadata device that is used.
inline constexpr dmcore::sector_t metadata_max_sectors =
    dmcore::MetadataSpaceMap::max_blocks * metadata_block_sectors;
// DM_CLONE_METADATA_MAX_SECTORS_WARNING: a larger device causes a warning. 16 GiB.
inline constexpr dmcore::sector_t metadata_max_sectors_warning =
    16 * ((std::uint64_t{1} << 30) >> dmcore::sector_shift);

class CloneMetadata {
 public:
  // dm_clone_metadata_open(): opens the metadata on `device`; formats it, with no region hydrated, if its
  // first block is zero. Fails if the sizes differ from those in the metadata. Logs errors. The device must
  // stay open until close(). May sleep.
  static dmcore::Result<std::unique_ptr<CloneMetadata>> open(dmcore::Kernel& kernel,
                                                             dmcore::BlockDevice& device,
                                                             dmcore::sector_t target_sectors,
                                                             dmcore::sector_t region_sectors);
  CloneMetadata(const CloneMetadata&) = delete;
  CloneMetadata& operator=(const CloneMetadata&) = delete;
  // Frees memory only: after close(), or when the machine is torn down.
  ~CloneMetadata() = default;

  // dm_clone_metadata_close(): drops the current transaction. Must not be used afterwards. May sleep.
  void close();

  // Marks a region as hydrated. Errno::range beyond the last one, Errno::perm when read-only. Any context.
  dmcore::Status set_region_hydrated(std::uint64_t region);
  // Marks the regions of a range that are not hydrated; errors as above. Not with interrupts off, and not in
  // softirq context.
  dmcore::Status cond_set_range(std::uint64_t start, std::uint64_t count);

  // Whether a region was marked since the last commit. Any context.
  [[nodiscard]] bool changed_this_transaction();

  // The two phases of a commit. Errno::perm when read-only or failed, Errno::inval after a failed commit. May
  // sleep.
  dmcore::Status pre_commit();
  dmcore::Status commit();

  // Reloads the in-core bitmap from the device, after abort() and set_read_only(). No regions may be marked
  // meanwhile: it does not take bitmap_lock_. May sleep.
  dmcore::Status reload_in_core_bitset();
  // dm_clone_metadata_abort(): goes back to the last commit. Does not change the in-core bitmap. May sleep.
  dmcore::Status abort();

  // Read-only, all changes of the metadata fail with Errno::perm. May sleep.
  void set_read_only();
  void set_read_write();

  // Queries of the in-core bitmap. Any context, without locks.
  [[nodiscard]] bool is_hydration_done() const;
  [[nodiscard]] bool is_region_hydrated(std::uint64_t region,
                                        dmcore::Place place = dmcore::Place::here()) const;
  [[nodiscard]] bool is_range_hydrated(std::uint64_t start, std::uint64_t count) const;
  [[nodiscard]] std::uint64_t nr_of_hydrated_regions() const;
  // The first region from `start` on that is not hydrated; nr_regions() if there is none.
  [[nodiscard]] std::uint64_t find_next_unhydrated_region(std::uint64_t start) const;
  [[nodiscard]] std::uint64_t nr_regions() const { return nr_regions_; }

  // In metadata blocks. Errno::inval if the metadata failed. May sleep.
  dmcore::Result<std::uint64_t> free_metadata_blocks();
  dmcore::Result<std::uint64_t> metadata_blocks();

 private:
  // Access to the metadata device; replaced when a transaction is aborted.
  struct OnDisk {
    OnDisk(dmcore::Kernel& kernel, dmcore::BlockDevice& device);
    [[nodiscard]] dmcore::TransactionManager& transactions() { return space_map.transactions(); }

    dmcore::BlockManager blocks;
    dmcore::MetadataSpaceMap space_map;
    dmcore::DiskBitset bitset;
  };

  CloneMetadata(dmcore::Kernel& kernel, dmcore::BlockDevice& device, dmcore::sector_t target_sectors,
                dmcore::sector_t region_sectors);

  // metadata_disk.cpp: I/O. The caller holds lock_ for writing, or the object is not shared yet.
  dmcore::Status create_on_disk(bool may_format);
  void destroy_on_disk();
  dmcore::Status open_or_format(bool may_format);
  dmcore::Result<bool> superblock_all_zeroes();
  dmcore::Status open_formatted();
  dmcore::Status format();
  dmcore::Status load_bitset_in_core();
  dmcore::Status update_bitset(DirtyMap& map);
  dmcore::Status update_word(DirtyMap& map, std::uint64_t word);
  dmcore::Status commit_on_disk();
  dmcore::Status write_everything();
  void fill_superblock(SuperblockDisk& superblock) const;

  // KernelLog::explain() with metadata_log_prefix.
  template <class Outcome, class... Args>
  [[nodiscard]] Outcome explain(Outcome outcome, fmt::format_string<Args...> format, Args&&... args) {
    return kernel_.log().explain(std::move(outcome), metadata_log_prefix, format,
                                 std::forward<Args>(args)...);
  }
  [[nodiscard]] bool has(dmcore::Defect defect) const { return kernel_.defects().on(defect); }
  void look_at_word(std::uint64_t word) const;
  void assign_bit(std::uint64_t region, bool hydrated);
  dmcore::Status mark_locked(std::uint64_t region);
  dmcore::Status mark_range_locked(std::uint64_t start, std::uint64_t count);
  void load_word(std::uint64_t word, std::uint64_t bits);
  [[nodiscard]] bool may_not_write() const { return fail_io_ || on_disk_->blocks.is_read_only(); }
  void set_read_only(bool read_only);

  dmcore::Kernel& kernel_;
  dmcore::Runtime& runtime_;
  dmcore::BlockDevice& device_;
  dmcore::sector_t target_sectors_;
  dmcore::sector_t region_sectors_;
  std::uint64_t nr_regions_;

  // Changed under bitmap_lock_, except by reload_in_core_bitset(); read without locks.
  RegionBitmap region_map_;
  dmcore::SpinLock bitmap_lock_;
  // Under bitmap_lock_.
  std::array<DirtyMap, 2> dirty_maps_;
  DirtyMap* current_dirty_map_;
  bool read_only_ = false;

  dmcore::RwSemaphore lock_;
  // Under lock_.
  DirtyMap* committing_dirty_map_ = nullptr;
  std::unique_ptr<OnDisk> on_disk_;
  dmcore::block_t bitset_root_ = 0;
  // Copied from the space map before the superblock is locked, since copying may fail.
  std::array<std::byte, space_map_root_bytes> space_map_root_{};
  bool fail_io_ = false;  // the metadata can be neither read nor written

  // Set once, under lock_ or before the object is shared; read without locks.
  dmcore::Racy<bool> hydration_done_ = false;
};

}  // namespace dmclone
