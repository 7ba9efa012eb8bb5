// SPDX-License-Identifier: GPL-2.0-or-later
// The in-core bitmap, the two phases of a commit, and modes.
#include "dmclone/metadata.h"

namespace dmclone {

using dmcore::Errno;
using dmcore::IrqSpinGuard;
using dmcore::Point;
using dmcore::ReadGuard;
using dmcore::Result;
using dmcore::Status;
using dmcore::WriteGuard;
using dmcore::order::Unchecked;

CloneMetadata::CloneMetadata(dmcore::Kernel& kernel, dmcore::BlockDevice& device,
                             dmcore::sector_t target_sectors, dmcore::sector_t region_sectors)
    : kernel_(kernel),
      runtime_(kernel.runtime()),
      device_(device),
      target_sectors_(target_sectors),
      region_sectors_(region_sectors),
      nr_regions_(dmcore::div_round_up(target_sectors, region_sectors)),
      region_map_(nr_regions_),
      bitmap_lock_(runtime_, "clone bitmap"),
      dirty_maps_{DirtyMap(nr_regions_), DirtyMap(nr_regions_)},
      current_dirty_map_(&dirty_maps_[0]),
      lock_(runtime_, "clone metadata") {}

Result<std::unique_ptr<CloneMetadata>> CloneMetadata::open(dmcore::Kernel& kernel,
                                                           dmcore::BlockDevice& device,
                                                           dmcore::sector_t target_sectors,
                                                           dmcore::sector_t region_sectors) {
  std::unique_ptr<CloneMetadata> metadata(new CloneMetadata(kernel, device, target_sectors, region_sectors));
  DMCORE_TRY(metadata->create_on_disk(true));
  if (const Status status =
          metadata->explain(metadata->load_bitset_in_core(), "Failed to load on-disk region map");
      !status.ok()) {
    metadata->destroy_on_disk();
    return status;
  }
  metadata->hydration_done_ = metadata->region_map_.full();
  return metadata;
}

void CloneMetadata::close() {
  if (!fail_io_) destroy_on_disk();
}

// --- the in-core bitmap ----------------------------------------------------------------------------------

namespace {

// The part of the bitmap that a region belongs to.
constexpr std::uint32_t map_word(std::uint64_t region) {
  return static_cast<std::uint32_t>(region / RegionBitmap::word_bits);
}

}  // namespace

dmcore::Access CloneMetadata::reads_map() const {
  return dmcore::reads(&region_map_, dmcore::Access::whole);
}

Status CloneMetadata::set_region_hydrated(std::uint64_t region) {
  if (region >= nr_regions_) {
    return kernel_.log().fail(Errno::range, metadata_log_prefix,
                              "Region {} out of range (total number of regions {})", region, nr_regions_);
  }
  IrqSpinGuard guard(bitmap_lock_);
  if (read_only_) return Errno::perm;
  current_dirty_map_->mark(region);
  runtime_.step(Point::bitmap, dmcore::writes(&region_map_, map_word(region)));
  region_map_.set(region);
  return {};
}

Status CloneMetadata::cond_set_range(std::uint64_t start, std::uint64_t count) {
  if (start >= nr_regions_ || start + count < start || start + count > nr_regions_) {
    return kernel_.log().fail(Errno::range, metadata_log_prefix,
                              "Invalid region range: start {}, nr_regions {} (total number of regions {})",
                              start, count, nr_regions_);
  }
  IrqSpinGuard guard(bitmap_lock_);
  if (read_only_) return Errno::perm;
  for (std::uint64_t region = region_map_.find_next_clear(start); region < start + count;
       region = region_map_.find_next_clear(region + 1)) {
    current_dirty_map_->mark(region);
    runtime_.step(Point::bitmap, dmcore::writes(&region_map_, map_word(region)));
    region_map_.set(region);
  }
  return {};
}

bool CloneMetadata::changed_this_transaction() {
  IrqSpinGuard guard(bitmap_lock_);
  return dirty_maps_[0].changed() || dirty_maps_[1].changed();
}

bool CloneMetadata::is_hydration_done() const {
  runtime_.fine_step(Point::flag, dmcore::reads(&hydration_done_), "hydration_done");
  return hydration_done_;
}

bool CloneMetadata::is_region_hydrated(std::uint64_t region) const {
  runtime_.step(Point::bitmap, dmcore::reads(&region_map_, map_word(region)), "",
                dmcore::reads(&hydration_done_));
  const Unchecked without_lock("test_bit(): writers hold bitmap_lock, readers do not");
  return hydration_done_ || region_map_.test(region);
}

bool CloneMetadata::is_range_hydrated(std::uint64_t start, std::uint64_t count) const {
  runtime_.step(Point::bitmap, reads_map(), "", dmcore::reads(&hydration_done_));
  const Unchecked without_lock("find_next_zero_bit(): writers hold bitmap_lock, readers do not");
  return hydration_done_ || region_map_.find_next_clear(start) >= start + count;
}

std::uint64_t CloneMetadata::nr_of_hydrated_regions() const {
  runtime_.step(Point::bitmap, reads_map());
  const Unchecked without_lock("bitmap_weight(): writers hold bitmap_lock, readers do not");
  return region_map_.count();
}

std::uint64_t CloneMetadata::find_next_unhydrated_region(std::uint64_t start) const {
  runtime_.step(Point::bitmap, reads_map());
  const Unchecked without_lock("find_next_zero_bit(): writers hold bitmap_lock, readers do not");
  return region_map_.find_next_clear(start);
}

// --- commits ---------------------------------------------------------------------------------------------

Status CloneMetadata::pre_commit() {
  WriteGuard guard(lock_);
  if (may_not_write()) return Errno::perm;
  DirtyMap* current = current_dirty_map_;
  DirtyMap* next = current == &dirty_maps_[0] ? &dirty_maps_[1] : &dirty_maps_[0];
  // After a failed commit there is no clean map. (WARN_ON() in the kernel.)
  if (next->changed() || committing_dirty_map_ != nullptr) return Errno::inval;
  {
    IrqSpinGuard bitmap_guard(bitmap_lock_);
    current_dirty_map_ = next;
  }
  committing_dirty_map_ = current;
  return {};
}

Status CloneMetadata::commit() {
  WriteGuard guard(lock_);
  if (may_not_write()) return Errno::perm;
  // Without pre_commit(). (WARN_ON() in the kernel.)
  if (committing_dirty_map_ == nullptr) return Errno::inval;
  DMCORE_TRY(update_bitset(*committing_dirty_map_));
  DMCORE_TRY(commit_on_disk());
  runtime_.fine_step(Point::bitmap, reads_map(), "", dmcore::writes(&hydration_done_));
  {
    const Unchecked without_lock(
        "bitmap_full(): writers hold bitmap_lock, dm_clone_metadata_commit() does not");
    if (region_map_.full()) hydration_done_ = true;
  }
  {
    IrqSpinGuard bitmap_guard(bitmap_lock_);
    committing_dirty_map_->declare_clean();
  }
  committing_dirty_map_ = nullptr;
  return {};
}

Status CloneMetadata::reload_in_core_bitset() {
  WriteGuard guard(lock_);
  if (fail_io_) return Errno::inval;
  return load_bitset_in_core();
}

Status CloneMetadata::abort() {
  WriteGuard guard(lock_);
  if (may_not_write()) return Errno::perm;
  destroy_on_disk();
  const Status status = create_on_disk(false);
  if (!status.ok()) fail_io_ = true;
  return status;
}

// --- modes and space -------------------------------------------------------------------------------------

void CloneMetadata::set_read_only(bool read_only) {
  WriteGuard guard(lock_);
  {
    IrqSpinGuard bitmap_guard(bitmap_lock_);
    read_only_ = read_only;
  }
  if (!fail_io_) on_disk_->blocks.set_read_only(read_only);
}

void CloneMetadata::set_read_only() {
  set_read_only(true);
}

void CloneMetadata::set_read_write() {
  set_read_only(false);
}

Result<std::uint64_t> CloneMetadata::free_metadata_blocks() {
  ReadGuard guard(lock_);
  if (fail_io_) return Errno::inval;
  return on_disk_->space_map.nr_free();
}

Result<std::uint64_t> CloneMetadata::metadata_blocks() {
  ReadGuard guard(lock_);
  if (fail_io_) return Errno::inval;
  return on_disk_->space_map.nr_blocks();
}

}  // namespace dmclone
