// SPDX-License-Identifier: GPL-2.0-or-later
// Suspend and resume of a mapped device, and changing its table meanwhile.
#include "dmcore/dm/dm.h"
#include "dmcore/dm/mapped_device.h"

namespace dmcore {

// dm_swap_table(). A table without data devices keeps the old limits: so a device may temporarily lose all
// paths, and bios still have the right size afterwards.
Result<std::unique_ptr<Table>> MappedDevice::swap_table(std::unique_ptr<Table>& table) {
  MutexGuard guard(suspend_lock_);
  if (!suspended()) return Errno::inval;
  QueueLimits new_limits = limits;
  if (!table->has_no_data_devices() || map_ == nullptr) {
    DMCORE_TRY_ASSIGN(new_limits, table->calculate_limits());
  }
  std::unique_ptr<Table> old = bind(std::move(table), new_limits);
  device_mapper_.issue_global_event();
  return old;
}

std::unique_ptr<Table> MappedDevice::bind(std::unique_ptr<Table> table, const QueueLimits& new_limits) {
  const sector_t old_size = nr_sectors();
  set_nr_sectors(table->size());
  table->set_restrictions(new_limits);
  if (table->size() != old_size) geometry_ = Geometry{};
  table->set_events_enabled(true);
  immutable_target_type_ = table->immutable_target_type();
  table = assign_map(std::move(table));
  if (table != nullptr) sync_table();
  return table;
}

std::unique_ptr<Table> MappedDevice::unbind() {
  if (map_ == nullptr) return nullptr;
  map_->set_events_enabled(false);
  std::unique_ptr<Table> old = assign_map(nullptr);
  sync_table();
  return old;
}

void MappedDevice::discard_table(std::unique_ptr<Table> table) {
  if (table == nullptr) return;
  sync_table();
  table->destroy();
}

// Freezes the file system on the device. There is none here, so only the flag is set.
void MappedDevice::lock_fs() {
  flags_.set(DeviceFlag::frozen);
}

void MappedDevice::unlock_fs() {
  flags_.clear(DeviceFlag::frozen);
}

void MappedDevice::wait_for_bios() {
  pending_queue_.wait_event([this] { return pending_io_.is_zero_to_wait(); }, true);
  smp_rmb();
}

// dm_queue_flush().
void MappedDevice::release_deferred() {
  if (has(Defect::released_early)) work_queue_.queue(deferred_work_);
  flags_.clear(DeviceFlag::block_io_for_suspend);
  if (!has(Defect::released_early)) work_queue_.queue(deferred_work_);
}

// __dm_suspend(). The order matters: after sync_table() no submit() is running that saw the old flags, after
// the flush no deferred bio is being submitted, and then only bios in flight are left to wait for.
void MappedDevice::quiesce(Table* map, SuspendOptions options, DeviceFlag which) {
  if (options.noflush) flags_.set(DeviceFlag::noflush_suspending);
  if (map != nullptr) map->presuspend_targets();
  if (!options.noflush && options.lockfs) lock_fs();
  flags_.set(DeviceFlag::block_io_for_suspend);
  if (map != nullptr && !has(Defect::suspend_unsynced)) sync_table();
  work_queue_.flush();
  if (map != nullptr) wait_for_bios();
  flags_.set(which);
  if (options.noflush) flags_.clear(DeviceFlag::noflush_suspending);
  if (map != nullptr) sync_table();
  flags_.set(DeviceFlag::post_suspending);
  if (map != nullptr) map->postsuspend_targets();
  flags_.clear(DeviceFlag::post_suspending);
}

// Takes the suspend lock while the device is not suspended internally, or while done() is true.
template <class Done>
void MappedDevice::lock_for_user(Done done) {
  suspend_lock_.lock();
  while (!done() && suspended_internally()) {
    suspend_lock_.unlock();
    internal_resume_queue_.wait_event([this] { return !suspended_internally(); }, true);
    suspend_lock_.lock();
  }
}

Status MappedDevice::suspend(SuspendOptions options) {
  lock_for_user([this] { return suspended(); });
  Status status = Errno::inval;
  if (!suspended()) {
    if (map_ == nullptr) options.lockfs = false;
    quiesce(map_.get(), options, DeviceFlag::suspended);
    status = {};
  }
  suspend_lock_.unlock();
  return status;
}

Status MappedDevice::resume_locked(Table* map) {
  if (map != nullptr) DMCORE_TRY(map->resume_targets());
  release_deferred();
  unlock_fs();
  return {};
}

Status MappedDevice::resume() {
  const auto removed = [this] { return !has(Defect::waker_rearmed) && freeing(); };
  lock_for_user([&] { return !suspended() || removed(); });
  Status status = Errno::inval;
  if (suspended() && !removed() && map_ != nullptr && map_->size() != 0) {
    status = resume_locked(map_.get());
    if (status.ok()) flags_.clear(DeviceFlag::suspended);
  }
  suspend_lock_.unlock();
  return status;
}

void MappedDevice::internal_suspend_noflush() {
  MutexGuard guard(suspend_lock_);
  if (internal_suspends_++ != 0) return;
  if (suspended()) {
    flags_.set(DeviceFlag::suspended_internally);
    return;
  }
  quiesce(map_.get(), SuspendOptions{false, true}, DeviceFlag::suspended_internally);
}

void MappedDevice::internal_resume() {
  MutexGuard guard(suspend_lock_);
  if (--internal_suspends_ != 0) return;
  if (!suspended()) {
    // There is no caller to return the error to. The device counts as suspended then, so that calls of
    // resume() and postsuspend() still alternate.
    if (const Status status = resume_locked(map_.get()); !status.ok()) {
      kernel().log().err(core_log_prefix, "Preresume method failed: {}", errno_value(status.error()));
      flags_.set(DeviceFlag::suspended);
    }
  }
  flags_.clear(DeviceFlag::suspended_internally);
  internal_resume_queue_.wake_all();
}

}  // namespace dmcore
