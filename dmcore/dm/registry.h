// SPDX-License-Identifier: GPL-2.0-or-later
// Which mapped devices there are, by number, name and uuid.
//
// A device is reached by number as long as it exists, and by name and uuid as long as the control interface
// knows it: removing takes it from the names first, so that nobody finds it who does not already use it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dmcore/dm/mapped_device.h"

namespace dmcore {

// What the control interface knows of a device. Exists from dev_create to dev_remove.
struct HashCell {
  std::string name;
  std::string uuid;  // empty: none
  MappedDevice* md;
  std::unique_ptr<Table> inactive;  // loaded, not yet live
};

class DeviceRegistry {
 public:
  // Number 0 to 2^20 - 1.
  static constexpr std::uint32_t minor_bits = 20;

  explicit DeviceRegistry(DeviceMapper& device_mapper);

  // ---- By number ----
  // dm_create(): a new device with one reference, the caller's, with this minor or, if there is none given,
  // the lowest that is free. ENXIO if the minor is not to be had. May sleep.
  Result<MappedDevice*> create(std::optional<std::uint32_t> minor);
  // dm_get_md(): takes a reference. Null if there is none, or it is being removed.
  [[nodiscard]] MappedDevice* get(DevT dev);
  // Destroys and frees a device. The caller has put its reference, and others cannot find it by name. May
  // sleep.
  void destroy(MappedDevice& md);
  // Protects the numbers, and opening against removing. Process context.
  [[nodiscard]] SpinLock& minor_lock() { return minor_lock_; }
  void queue_deferred_remove() { deferred_remove_queue_.queue(deferred_remove_work_); }

  // ---- By name and uuid. The lock is held, exclusively for changes. ----
  [[nodiscard]] RwSemaphore& lock() { return lock_; }
  using Names = std::map<std::string, std::unique_ptr<HashCell>, std::less<>>;
  // All devices in the order of their names, as bytes.
  [[nodiscard]] const Names& names() const { return names_; }
  [[nodiscard]] HashCell* by_name(std::string_view name) const;
  [[nodiscard]] HashCell* by_uuid(std::string_view uuid) const;
  // EBUSY if the name, or the uuid where there is one, is taken. The registry holds a reference from then on.
  // Takes the lock.
  Status insert(std::string_view name, std::string_view uuid, MappedDevice& md);
  // Forgets the device's names, and puts their reference. Returns its inactive table, which the caller
  // destroys after letting go of the lock and after sync_table().
  [[nodiscard]] std::unique_ptr<Table> remove(HashCell& cell);
  void rename(HashCell& cell, std::string_view name);
  void set_uuid(HashCell& cell, std::string_view uuid);

  // Removes all devices that can be; again and again, since removing one may free another. Takes the lock.
  //   mark_deferred: those that are open go at their last close
  //   only_deferred: remove only those that were marked so
  void remove_all(bool mark_deferred, bool only_deferred);

 private:
  [[nodiscard]] Result<std::uint32_t> allocate_minor(std::optional<std::uint32_t> wanted);
  std::optional<unsigned> remove_first(bool mark_deferred, bool only_deferred);

  DeviceMapper& device_mapper_;
  SpinLock minor_lock_;
  // Minors in use; null while the device is being made.
  std::map<std::uint32_t, std::unique_ptr<MappedDevice>> minors_;
  RwSemaphore lock_;
  Names names_;
  std::map<std::string, HashCell*, std::less<>> uuids_;
  WorkQueue deferred_remove_queue_;
  WorkItem deferred_remove_work_;
};

}  // namespace dmcore
