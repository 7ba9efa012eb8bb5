// SPDX-License-Identifier: GPL-2.0-or-later
// A table: which target serves which sectors of a mapped device (drivers/md/dm-table.c).
//
// A table is loaded line by line, completed, and from then on fixed. It belongs to whoever holds the
// unique_ptr: first the control interface (the inactive table), then the mapped device (the live one).
#pragma once

#include <list>
#include <memory>
#include <vector>

#include "dmcore/dm/log_prefix.h"
#include "dmcore/dm/target.h"
#include "dmcore/kernel/lock.h"

namespace dmcore {

class DeviceMapper;
class MappedDevice;

class Table {
 public:
  // DM_MAX_TARGETS and DM_MAX_TARGET_PARAMS.
  static constexpr std::uint32_t max_targets = 1'048'576;
  static constexpr std::uint32_t max_target_params = 1024;  // bytes

  // An empty table for `md`, which must outlive it. A table whose mode lacks `write` makes a read-only
  // device.
  Table(MappedDevice& md, OpenMode mode);
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  // Frees memory only: the targets' dtr() is destroy()'s.
  ~Table();

  // Makes a target of the named type for the next `len` sectors, which must begin at `start`, where the last
  // one ended, and constructs it with `params`, split at white space. Says in the log what is wrong. May
  // sleep.
  Status add_target(std::string_view type, sector_t start, sector_t len, std::string_view params);
  // Makes the table ready for use. No more targets then.
  Status complete();
  // Destructs all targets and closes what devices they left open. Nobody uses the table any more. May sleep.
  void destroy();

  [[nodiscard]] MappedDevice& md() const { return md_; }
  [[nodiscard]] DeviceMapper& device_mapper() const;
  [[nodiscard]] Kernel& kernel() const;
  // "253:0", the name of the mapped device in log lines.
  [[nodiscard]] const std::string& device_name() const;
  [[nodiscard]] OpenMode mode() const { return mode_; }

  [[nodiscard]] sector_t size() const { return ends_.empty() ? 0 : ends_.back(); }
  [[nodiscard]] std::size_t target_count() const { return targets_.size(); }
  [[nodiscard]] Target& target(std::size_t index) const { return *targets_[index]; }
  // The target that serves a sector; null beyond the end.
  [[nodiscard]] Target* find_target(sector_t sector) const;

  // The one type that may ever be in this mapped device's tables, if there is such a target; else null.
  [[nodiscard]] const TargetType* immutable_target_type() const { return immutable_type_; }
  [[nodiscard]] bool has_wildcard_target() const;

  // dm_table_event(): something happened that whoever waits for the device wants to know. Nothing happens
  // while the table is not the live one. May sleep.
  void event();
  // Whether event() reaches the mapped device: set while the table is live. May sleep.
  void set_events_enabled(bool enabled);

  // What a target's constructor and destructor use: dm_get_device() and dm_put_device(). The device is
  // opened, and claimed for device-mapper, once for each mapped device and mode. ENODEV: no such path. ENXIO:
  // no such device. EBUSY: somebody else has claimed it. EOVERFLOW: no device number. May sleep.
  Result<TableDevice*> get_device(std::string_view path, OpenMode mode);
  void put_device(TableDevice* device);
  // The devices that targets took, the last one first. Under devices_lock(), shared, while targets may take
  // or put some.
  [[nodiscard]] std::vector<const TableDevice*> devices() const;
  [[nodiscard]] RwSemaphore& devices_lock() { return devices_lock_; }

  // dm_calculate_queue_limits(): what the devices under the table allow together. EINVAL, with a line in the
  // log, if a device is too small or does not fit the others.
  Result<QueueLimits> calculate_limits();
  // dm_table_set_restrictions(): gives the mapped device these limits, less what some target cannot do, and
  // the features (volatile cache, FUA, nowait) that the devices below have.
  void set_restrictions(const QueueLimits& limits);
  // True if no target has a device; false if that is not known, because a target does not tell.
  [[nodiscard]] bool has_no_data_devices() const;

  // Calls to all targets, in order. The mapped device's suspend lock is held. May sleep.
  void presuspend_targets();
  void postsuspend_targets();
  // Lets all targets prepare, of which the first may refuse, and then resumes them.
  Status resume_targets();

 private:
  // A device that this table uses. A target keeps the pointer it was given, so if another target needs the
  // device in a wider mode, what was opened first stays open beside the new one.
  struct UsedDevice {
    TableDevice* device;
    std::vector<TableDevice*> superseded;
    unsigned references = 1;
  };

  [[nodiscard]] KernelLog& log() const { return kernel().log(); }
  Status construct_target(const TargetType& type, Target& target, std::string_view params);
  Status check_type(const TargetType& type, std::string& error);
  [[nodiscard]] Result<DevT> resolve(std::string_view path) const;
  Status upgrade(UsedDevice& used, OpenMode mode);

  bool stack_device(QueueLimits& limits, const TableDevice& device, sector_t start);
  bool area_is_invalid(const QueueLimits& limits, const TableDevice& device, sector_t start,
                       sector_t len) const;
  Status check_logical_blocks(const QueueLimits& limits);
  template <class Predicate>
  [[nodiscard]] bool all_devices(Target& target, Predicate predicate) const;
  template <class Predicate>
  [[nodiscard]] bool supports_flush(Predicate predicate) const;
  template <class Count, class Capable>
  [[nodiscard]] bool supports(Count bios_wanted, Capable capable) const;
  [[nodiscard]] bool supports_discards() const;
  [[nodiscard]] bool supports_nowait() const;

  MappedDevice& md_;
  OpenMode mode_;
  std::vector<std::unique_ptr<Target>> targets_;
  std::vector<sector_t> ends_;  // of each target, exclusive
  const TargetType* immutable_type_ = nullptr;
  bool singleton_ = false;
  bool events_enabled_ = false;
  RwSemaphore devices_lock_;
  std::list<UsedDevice> devices_;
};

}  // namespace dmcore
