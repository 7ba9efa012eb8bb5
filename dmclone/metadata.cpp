// SPDX-License-Identifier: GPL-2.0-or-later
// The in-core bitmap, the two phases of a commit, and modes.
#include "dmclone/metadata.h"

namespace dmclone {

using dmcore::Defect;
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

// Before a word of the map is read, which changes without a lock.
void CloneMetadata::look_at_word(std::uint64_t word) const {
  runtime_.fine_step(Point::bitmap, dmcore::reads(&region_map_, static_cast<std::uint32_t>(word)));
}

// __set_bit(), __clear_bit(): a load and a store, which are not atomic. bitmap_lock_ serialises all changes
// but those of a reload.
void CloneMetadata::assign_bit(std::uint64_t region, bool hydrated) {
  const std::uint64_t word = region / RegionBitmap::word_bits;
  const std::uint64_t bit = std::uint64_t{1} << (region % RegionBitmap::word_bits);
  look_at_word(word);
  const std::uint64_t old = region_map_.word(word);
  runtime_.step(Point::bitmap, dmcore::writes(&region_map_, static_cast<std::uint32_t>(word)));
  region_map_.set_word(word, hydrated ? old | bit : old & ~bit);
}

Status CloneMetadata::set_region_hydrated(std::uint64_t region) {
  if (region >= nr_regions_) {
    return kernel_.log().fail(Errno::range, metadata_log_prefix,
                              "Region {} out of range (total number of regions {})", region, nr_regions_);
  }
  if (has(Defect::bitmap_unlocked)) return mark_locked(region);
  IrqSpinGuard guard(bitmap_lock_);
  return mark_locked(region);
}

Status CloneMetadata::mark_locked(std::uint64_t region) {
  if (read_only_) return Errno::perm;
  current_dirty_map_->mark(region);
  assign_bit(region, true);
  return {};
}

Status CloneMetadata::cond_set_range(std::uint64_t start, std::uint64_t count) {
  if (start >= nr_regions_ || start + count < start || start + count > nr_regions_) {
    return kernel_.log().fail(Errno::range, metadata_log_prefix,
                              "Invalid region range: start {}, nr_regions {} (total number of regions {})",
                              start, count, nr_regions_);
  }
  if (has(Defect::discard_unlocked)) return mark_range_locked(start, count);
  IrqSpinGuard guard(bitmap_lock_);
  return mark_range_locked(start, count);
}

Status CloneMetadata::mark_range_locked(std::uint64_t start, std::uint64_t count) {
  if (read_only_) return Errno::perm;
  for (std::uint64_t region = region_map_.find_next_clear(start); region < start + count;
       region = region_map_.find_next_clear(region + 1)) {
    current_dirty_map_->mark(region);
    assign_bit(region, true);
  }
  return {};
}

bool CloneMetadata::changed_this_transaction() {
  IrqSpinGuard guard(bitmap_lock_);
  if (has(Defect::flush_during_commit)) return current_dirty_map_->changed();
  return dirty_maps_[0].changed() || dirty_maps_[1].changed();
}

bool CloneMetadata::is_hydration_done() const {
  runtime_.fine_step(Point::flag, dmcore::reads(&hydration_done_), "hydration_done");
  return hydration_done_;
}

bool CloneMetadata::is_region_hydrated(std::uint64_t region, dmcore::Place place) const {
  if (is_hydration_done()) return true;
  runtime_.step({Point::bitmap, place},
                dmcore::reads(&region_map_, static_cast<std::uint32_t>(region / RegionBitmap::word_bits)));
  const Unchecked without_lock("test_bit(): writers hold bitmap_lock, readers do not");
  return region_map_.test(region);
}

bool CloneMetadata::is_range_hydrated(std::uint64_t start, std::uint64_t count) const {
  return is_hydration_done() || find_next_unhydrated_region(start) >= start + count;
}

// bitmap_weight(). The map keeps the sum, which is the same while nothing changes between two words.
std::uint64_t CloneMetadata::nr_of_hydrated_regions() const {
  runtime_.schedule_point();
  const Unchecked without_lock("bitmap_weight(): writers hold bitmap_lock, readers do not");
  if (!runtime_.watched()) return region_map_.count();
  return region_map_.count([this](std::uint64_t word) { look_at_word(word); });
}

std::uint64_t CloneMetadata::find_next_unhydrated_region(std::uint64_t start) const {
  runtime_.schedule_point();
  const Unchecked without_lock("find_next_zero_bit(): writers hold bitmap_lock, readers do not");
  return region_map_.find_next_clear(start, [this](std::uint64_t word) { look_at_word(word); });
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
  if (has(Defect::one_phase_commit)) DMCORE_TRY(update_bitset(*current_dirty_map_));
  DMCORE_TRY(update_bitset(*committing_dirty_map_));
  DMCORE_TRY(commit_on_disk());
  if (nr_of_hydrated_regions() == nr_regions_) {
    runtime_.fine_step(Point::flag, dmcore::writes(&hydration_done_), "hydration_done");
    hydration_done_ = true;
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
