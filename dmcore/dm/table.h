// SPDX-License-Identifier: GPL-2.0-or-later
// A table: the targets of the sectors of a mapped device (drivers/md/dm-table.c).
//
// A table is loaded line by line, completed, and does not change then. It is owned first by the control
// interface (as the inactive table), then by the mapped device (as the live one).
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

  // An empty table for `md`, which must outlive it. If its mode has no `write` the device becomes read-only.
  Table(MappedDevice& md, OpenMode mode);
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  // Frees memory only; destroy() calls the targets' dtr().
  ~Table();

  // dm_table_add_target(): adds a target for the next `len` sectors, which begin at `start`, the end of the
  // previous one, and constructs it with `params`, split at white space. Logs errors. May sleep.
  Status add_target(std::string_view type, sector_t start, sector_t len, std::string_view params);
  // dm_table_complete(): no targets can be added then.
  Status complete();
  // dm_table_destroy(): destructs all targets, and closes devices that they left open. The table must not be
  // in use. May sleep.
  void destroy();

  // What the kernel does not count: who looks at the table, and which bios its targets have. A table that is
  // suspended while they have some, or destroyed while it is used, stops the machine before the worst
  // happens.
  void begin_use() { change(users_, 1); }
  void end_use() { change(users_, -1); }
  void bio_begins() { change(bios_, 1); }
  void bio_ends() { change(bios_, -1); }

  [[nodiscard]] MappedDevice& md() const { return md_; }
  [[nodiscard]] DeviceMapper& device_mapper() const;
  [[nodiscard]] Kernel& kernel() const;
  // "253:0", the name of the mapped device in log lines.
  [[nodiscard]] const std::string& device_name() const;
  [[nodiscard]] OpenMode mode() const { return mode_; }

  [[nodiscard]] sector_t size() const { return ends_.empty() ? 0 : ends_.back(); }
  [[nodiscard]] std::size_t target_count() const { return targets_.size(); }
  [[nodiscard]] Target& target(std::size_t index) const { return *targets_[index]; }
  // dm_table_find_target(): null beyond the end.
  [[nodiscard]] Target* find_target(sector_t sector) const;

  // The type of the immutable target, if there is one: the only type that later tables of the device may
  // have. Else null.
  [[nodiscard]] const TargetType* immutable_target_type() const { return immutable_type_; }
  [[nodiscard]] bool has_wildcard_target() const;

  // dm_table_event(): an event of the mapped device. Ignored while the table is not live. May sleep.
  void event();
  // Whether events are passed to the mapped device: while the table is live. May sleep.
  void set_events_enabled(bool enabled);

  // dm_get_device() and dm_put_device(), for constructors and destructors of targets. A device is opened,
  // exclusively for device-mapper, once for each mapped device and mode. ENODEV: no such path. ENXIO: no such
  // device. EBUSY: it has another holder. EOVERFLOW: an invalid device number. May sleep.
  Result<TableDevice*> get_device(std::string_view path, OpenMode mode);
  void put_device(TableDevice* device);
  // The devices that targets got, the last one first. The caller holds devices_lock() for reading if targets
  // may get or put devices meanwhile.
  [[nodiscard]] std::vector<const TableDevice*> devices() const;
  [[nodiscard]] RwSemaphore& devices_lock() { return devices_lock_; }

  // dm_calculate_queue_limits(): the combined limits of the devices. EINVAL, which is logged, if a device is
  // too small or not aligned.
  Result<QueueLimits> calculate_limits();
  // dm_table_set_restrictions(): sets the limits of the mapped device, without what a target does not
  // support, and the features (write cache, FUA, nowait) of its devices.
  void set_restrictions(const QueueLimits& limits);
  // dm_table_has_no_data_devices(): true if no target has a device; false also if a target does not say.
  [[nodiscard]] bool has_no_data_devices() const;

  // Calls the method of all targets, in order. The suspend lock of the mapped device is held. May sleep.
  void presuspend_targets();
  void postsuspend_targets();
  // dm_table_resume_targets(): calls preresume() of all targets until one fails, and then resume() of all.
  Status resume_targets();

 private:
  // A device of this table. Targets keep the pointers that they got, so if another target needs the device in
  // a wider mode, the old one stays open beside the new one.
  struct UsedDevice {
    TableDevice* device;
    std::vector<TableDevice*> superseded;
    unsigned references = 1;
  };

  [[nodiscard]] KernelLog& log() const { return kernel().log(); }
  static void change(std::int64_t& count, int by) {
    const order::Unchecked not_in_the_kernel("a check of the machine's");
    count += by;
  }
  void check_that_none_uses_it(std::int64_t users, std::string_view what_is_done) const;
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
  std::vector<sector_t> ends_;  // the end of each target, exclusive
  const TargetType* immutable_type_ = nullptr;
  bool singleton_ = false;
  bool events_enabled_ = false;
  std::int64_t users_ = 0;
  std::int64_t bios_ = 0;
  RwSemaphore devices_lock_;
  std::list<UsedDevice> devices_;
};

}  // namespace dmcore
