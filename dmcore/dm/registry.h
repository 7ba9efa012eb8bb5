// SPDX-License-Identifier: GPL-2.0-or-later
// The registry of mapped devices, by number, name and uuid.
//
// A device can be found by number while it exists, and by name and uuid while the control interface has it:
// removal starts with the names, so that no new users find the device.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dmcore/dm/mapped_device.h"

namespace dmcore {

// struct hash_cell: a device of the control interface, from dev_create to dev_remove.
struct HashCell {
  std::string name;
  std::string uuid;  // empty if it has none
  MappedDevice* md;
  std::unique_ptr<Table> inactive;  // loaded, not live
};

class DeviceRegistry {
 public:
  // MINORBITS.
  static constexpr std::uint32_t minor_bits = 20;

  explicit DeviceRegistry(DeviceMapper& device_mapper);

  // ---- By number ---- dm_create(): a new device with the given or the lowest free minor, and a reference
  // for the caller. ENXIO if the minor is not available. May sleep.
  Result<MappedDevice*> create(std::optional<std::uint32_t> minor);
  // dm_get_md(): takes a reference. Null if there is no such device, or it is being removed.
  [[nodiscard]] MappedDevice* get(DevT dev);
  // dm_destroy() and free_dev(). The caller has put its reference and removed the names. May sleep.
  void destroy(MappedDevice& md);
  // _minor_lock: protects the minors, and serialises open and removal. Process context.
  [[nodiscard]] SpinLock& minor_lock() { return minor_lock_; }
  void queue_deferred_remove() { deferred_remove_queue_.queue(deferred_remove_work_); }

  // ---- By name and uuid. The caller holds the lock, for writing to change them. ----
  [[nodiscard]] RwSemaphore& lock() { return lock_; }
  using Names = std::map<std::string, std::unique_ptr<HashCell>, std::less<>>;
  // In the order of their names, as bytes.
  [[nodiscard]] const Names& names() const { return names_; }
  [[nodiscard]] HashCell* by_name(std::string_view name) const;
  [[nodiscard]] HashCell* by_uuid(std::string_view uuid) const;
  // dm_hash_insert(): takes a reference. EBUSY if the name or the uuid is in use. Takes the lock.
  Status insert(std::string_view name, std::string_view uuid, MappedDevice& md);
  // __hash_remove(): removes the names, and puts their reference. Returns the inactive table, which the
  // caller discards after releasing the lock.
  [[nodiscard]] std::unique_ptr<Table> remove(HashCell& cell);
  void rename(HashCell& cell, std::string_view name);
  void set_uuid(HashCell& cell, std::string_view uuid);

  // dm_hash_remove_all(): removes devices until none can be removed, since each may have been using others.
  // Takes the lock. mark_deferred: open devices are removed at their last close only_deferred: only devices
  // so marked are removed
  void remove_all(bool mark_deferred, bool only_deferred);

 private:
  [[nodiscard]] Result<std::uint32_t> allocate_minor(std::optional<std::uint32_t> wanted);
  std::optional<unsigned> remove_first(bool mark_deferred, bool only_deferred);

  DeviceMapper& device_mapper_;
  SpinLock minor_lock_;
  // Minors in use; null while the device is being created.
  std::map<std::uint32_t, std::unique_ptr<MappedDevice>> minors_;
  RwSemaphore lock_;
  Names names_;
  std::map<std::string, HashCell*, std::less<>> uuids_;
  WorkQueue deferred_remove_queue_;
  WorkItem deferred_remove_work_;
};

}  // namespace dmcore
