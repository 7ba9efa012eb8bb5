// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/dm/mapped_device.h"

#include <algorithm>
#include <fmt/format.h>

#include "dmcore/dm/dm.h"

namespace dmcore {

MappedDevice::MappedDevice(DeviceMapper& device_mapper, DevT dev)
    : BlockDevice(device_mapper.layer(), dev, fmt::format("dm-{}", dev.minor)),
      device_mapper_(device_mapper),
      device_name_(to_string(dev)),
      flags_(device_mapper.runtime()),
      holders_(device_mapper.runtime(), 1),
      open_count_(device_mapper.runtime(), 0),
      type_lock_(device_mapper.runtime(), "md type_lock"),
      suspend_lock_(device_mapper.runtime(), "md suspend_lock"),
      io_barrier_(device_mapper.runtime(), "md io_barrier"),
      internal_resume_queue_(device_mapper.runtime(), "internal resume"),
      table_devices_lock_(device_mapper.runtime(), "md table_devices_lock"),
      event_nr_(device_mapper.runtime(), 0),
      event_queue_(device_mapper.runtime(), "dm event"),
      pending_io_(device_mapper.runtime()),
      pending_queue_(device_mapper.runtime(), "dm suspend"),
      deferred_lock_(device_mapper.runtime(), "md deferred_lock"),
      work_queue_(device_mapper.runtime(), "kdmflush/" + device_name_),
      deferred_work_(device_mapper.runtime(), "dm_wq_work", [this] { submit_deferred(); }),
      requeue_work_(device_mapper.runtime(), "dm_wq_requeue_work", [this] { requeue_split_parts(); }),
      ios_(device_mapper.runtime(), "dm_io"),
      clones_(device_mapper.runtime(), "dm_target_io") {}

MappedDevice::~MappedDevice() = default;

// ---- Opening, closing, references ----

Status MappedDevice::on_open(OpenMode) {
  SpinGuard guard(device_mapper_.devices().minor_lock());
  if (freeing() || (deleting() && !has(Defect::opened_while_removed))) return Errno::nxio;
  get();
  open_count_.inc();
  return {};
}

void MappedDevice::on_close(OpenMode) {
  DeviceRegistry& devices = device_mapper_.devices();
  SpinGuard guard(devices.minor_lock());
  if (open_count_.dec_and_test() && deferred_remove()) devices.queue_deferred_remove();
  put();
}

void MappedDevice::get() {
  holders_.inc();
  if (freeing()) {
    kernel().runtime().violation(
        fmt::format("a reference to {} is taken while it is being freed", device_name_));
  }
}

void MappedDevice::put() {
  holders_.dec();
}

Status MappedDevice::hold() {
  SpinGuard guard(device_mapper_.devices().minor_lock());
  if (freeing()) return Errno::busy;
  get();
  return {};
}

Status MappedDevice::lock_for_deletion(bool mark_deferred, bool only_deferred) {
  SpinGuard guard(device_mapper_.devices().minor_lock());
  if (times_open() != 0) {
    if (mark_deferred) flags_.set(DeviceFlag::deferred_remove);
    return Errno::busy;
  }
  if (only_deferred && !deferred_remove()) return Errno::exist;
  flags_.set(DeviceFlag::deleting);
  return {};
}

Status MappedDevice::cancel_deferred_remove() {
  SpinGuard guard(device_mapper_.devices().minor_lock());
  if (deleting()) return Errno::busy;
  flags_.clear(DeviceFlag::deferred_remove);
  return {};
}

// ---- Events and geometry ----

void MappedDevice::event() {
  event_nr_.inc();
  event_queue_.wake_all();
  device_mapper_.issue_global_event();
}

void MappedDevice::wait_event(std::uint32_t seen) {
  event_queue_.wait_event([&] { return event_nr() != seen; }, true);
}

Status MappedDevice::set_geometry(const Geometry& geometry) {
  if (geometry.start > geometry.cylinders * geometry.heads * geometry.sectors) {
    return kernel().log().fail(Errno::inval, core_log_prefix, "Start sector is beyond the geometry limits.");
  }
  geometry_ = geometry;
  return {};
}

// ---- Devices under the tables ----

Result<TableDevice*> MappedDevice::get_table_device(DevT dev, OpenMode mode) {
  MutexGuard guard(table_devices_lock_);
  const auto known = std::find_if(
      table_devices_.begin(), table_devices_.end(),
      [&](const TableDevice& device) { return device.device->dev() == dev && device.mode == mode; });
  if (known != table_devices_.end()) {
    ++known->references;
    return &*known;
  }
  // All mapped devices have the same holder: they may share a device, others may not have it.
  DMCORE_TRY_ASSIGN(BlockDevice* const device, layer().open(dev, mode, &device_mapper_));
  table_devices_.push_front(TableDevice{device, mode, to_string(dev), 1});
  return &table_devices_.front();
}

void MappedDevice::put_table_device(TableDevice* device) {
  MutexGuard guard(table_devices_lock_);
  if (--device->references != 0) return;
  device->device->close(device->mode, &device_mapper_);
  table_devices_.remove_if([device](const TableDevice& candidate) { return &candidate == device; });
}

// ---- Setup and destruction ----

Status MappedDevice::set_up(Table& table) {
  if (disk_added_) return {};
  DMCORE_TRY_ASSIGN(const QueueLimits initial,
                    kernel().log().explain(table.calculate_limits(), core_log_prefix,
                                           "Cannot calculate initial queue limits"));
  table.set_restrictions(initial);
  layer().add(*this);
  disk_added_ = true;
  return {};
}

// __dm_destroy() and free_dev().
void MappedDevice::destroy() {
  {
    SpinGuard guard(device_mapper_.devices().minor_lock());
    flags_.set(DeviceFlag::freeing);
  }
  // What submits bios has the device open.
  if (ios_.out() != 0)
    kernel().runtime().violation(fmt::format("{} is removed while it has bios", device_name_));
  {
    MutexGuard guard(suspend_lock_);
    const LiveTable table(*this);
    if (!suspended()) {
      if (table) table->presuspend_targets();
      flags_.set(DeviceFlag::suspended);
      flags_.set(DeviceFlag::post_suspending);
      if (table) table->postsuspend_targets();
    }
  }
  // Polled, as in the kernel: msleep(1), which takes two jiffies.
  while (holders_.read() != 0) kernel().runtime().sleep_for(2 * jiffy);
  if (const std::unique_ptr<Table> table = unbind()) table->destroy();
  unlock_fs();
  work_queue_.destroy();
  if (disk_added_) {
    const MutexGuard guard(open_mutex());
    layer().remove(*this);
  }
  disk_added_ = false;
  for (const TableDevice& device : table_devices_) {
    kernel().log().warn(core_log_prefix, "dm_destroy: {} still exists with {} references", device.name,
                        device.references);
  }
}

}  // namespace dmcore
