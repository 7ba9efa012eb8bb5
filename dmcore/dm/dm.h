// SPDX-License-Identifier: GPL-2.0-or-later
// Device-mapper as a whole: target types, mapped devices, and the control interface to all of it
// (drivers/md/dm-ioctl.c, dm-target.c).
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <string_view>

#include "dmcore/block/block_layer.h"
#include "dmcore/dm/registry.h"
#include "dmcore/dm/target.h"
#include "dmcore/kernel/atomic.h"
#include "dmcore/kernel/wait.h"

namespace dmcore {

class DeviceMapper {
 public:
  // Assigned dynamically on a real kernel; with few other drivers it is this.
  static constexpr std::uint32_t major = 253;

  explicit DeviceMapper(BlockLayer& layer);
  DeviceMapper(const DeviceMapper&) = delete;
  DeviceMapper& operator=(const DeviceMapper&) = delete;
  // Frees memory only. For an orderly shutdown, remove the devices first.
  ~DeviceMapper();

  [[nodiscard]] BlockLayer& layer() const { return layer_; }
  [[nodiscard]] Kernel& kernel() const { return layer_.kernel(); }
  [[nodiscard]] Runtime& runtime() const { return layer_.runtime(); }
  [[nodiscard]] KernelLog& log() const { return layer_.log(); }

  // ---- Types of targets ---- dm_register_target(): EEXIST if there is one of that name.
  Status register_target(TargetType type);
  [[nodiscard]] const TargetType* find_target_type(std::string_view name) const;
  // The last one registered is the first.
  [[nodiscard]] const std::list<TargetType>& target_types() const { return target_types_; }

  // ---- The control interface: ioctl(2) on /dev/mapper/control ---- `command` is an ioctl::Command; `buffer`
  // is the caller's memory, which begins with an ioctl::IoctlHeader: see ioctl_format.h. Safe for any content
  // of the buffer: EFAULT if it is shorter than it says, EINVAL if it is invalid, ENOTTY for an unknown
  // command. Process context; may sleep, dev_wait until an event.
  Status control(std::uint32_t command, std::span<std::byte> buffer);

  // ---- Events of all devices, for poll(2) on the control node ----
  [[nodiscard]] std::uint32_t global_event_nr() const { return global_event_nr_.read(); }
  void issue_global_event();
  // dev_arm_poll records the event number; poll_ready() is true after a later event.
  void arm_poll() { armed_event_nr_ = global_event_nr(); }
  [[nodiscard]] bool poll_ready() const {
    return static_cast<std::int32_t>(global_event_nr() - armed_event_nr_) > 0;
  }

  // ---- For the core's own use ----
  [[nodiscard]] DeviceRegistry& devices() { return devices_; }
  // _event_lock: serialises events of tables with their becoming live or not.
  [[nodiscard]] Mutex& event_lock() { return event_lock_; }

 private:
  BlockLayer& layer_;
  std::list<TargetType> target_types_;
  Mutex event_lock_;
  Atomic<std::uint32_t> global_event_nr_;
  std::uint32_t armed_event_nr_ = 0;
  WaitQueue global_event_queue_;
  DeviceRegistry devices_;
};

}  // namespace dmcore
