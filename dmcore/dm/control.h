// SPDX-License-Identifier: GPL-2.0-or-later
// The control interface's inside (drivers/md/dm-ioctl.c). Others use DeviceMapper::control().
//
// A call works on a copy of the caller's buffer, so that nothing which the caller does meanwhile matters.
// Whatever a command reads from it is checked against its size.
#pragma once

#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "dmcore/dm/dm.h"
#include "dmcore/dm/ioctl_format.h"

namespace dmcore {

// A reference to a mapped device, put when it goes out of scope.
class DeviceReference {
 public:
  // Takes over a reference that was taken already; null for none.
  explicit DeviceReference(MappedDevice* md) : md_(md) {}
  DeviceReference(const DeviceReference&) = delete;
  DeviceReference& operator=(const DeviceReference&) = delete;
  ~DeviceReference() noexcept(false) { put(); }

  explicit operator bool() const { return md_ != nullptr; }
  MappedDevice& operator*() const { return *md_; }
  MappedDevice* operator->() const { return md_; }
  // Earlier than at the end of the scope.
  void put() {
    if (md_ != nullptr) std::exchange(md_, nullptr)->put();
  }

 private:
  MappedDevice* md_;
};

class ControlCall {
 public:
  // `memory` is at least as large as an IoctlHeader and begins with one; of it, the caller gave `size` bytes.
  ControlCall(DeviceMapper& device_mapper, std::vector<std::byte> memory, std::size_t size)
      : device_mapper_(device_mapper), memory_(std::move(memory)), size_(size) {}
  ControlCall(const ControlCall&) = delete;
  ControlCall& operator=(const ControlCall&) = delete;

  [[nodiscard]] DeviceMapper& device_mapper() const { return device_mapper_; }
  [[nodiscard]] DeviceRegistry& registry() const { return device_mapper_.devices(); }
  [[nodiscard]] KernelLog& log() const { return device_mapper_.log(); }
  // Logs why the command fails, and returns the error.
  template <class... Args>
  [[nodiscard]] Errno fail(Errno error, fmt::format_string<Args...> format, Args&&... args) const {
    return log().fail(error, control_log_prefix, format, std::forward<Args>(args)...);
  }

  // ---- The header, in and out ----
  [[nodiscard]] ioctl::IoctlHeader& header() {
    return *reinterpret_cast<ioctl::IoctlHeader*>(memory_.data());  // NOLINT: what the format is for
  }
  [[nodiscard]] const ioctl::IoctlHeader& header() const {
    return *reinterpret_cast<const ioctl::IoctlHeader*>(memory_.data());  // NOLINT: likewise
  }
  [[nodiscard]] bool has(std::uint32_t flag) const { return (header().flags & flag) != 0; }
  void set_flag(std::uint32_t flag, bool on) {
    header().flags = on ? header().flags | flag : header().flags & ~flag;
  }
  [[nodiscard]] std::string_view name() const {
    return {header().name, strnlen(header().name, ioctl::name_size)};
  }
  [[nodiscard]] std::string_view uuid() const {
    return {header().uuid, strnlen(header().uuid, ioctl::uuid_size)};
  }

  // ---- The payload that came in ----
  // The text at `offset` of the buffer, without the zero byte that must end it within the buffer.
  [[nodiscard]] std::optional<std::string_view> text_at(std::size_t offset) const;
  // The same at the payload's beginning plus `skip`, where the payload must not reach back into the header.
  [[nodiscard]] std::optional<std::string_view> payload_text(std::size_t skip = 0) const;
  // A record at `offset`, which the caller knows to lie within the buffer.
  template <class T>
  [[nodiscard]] T record_at(std::size_t offset) const {
    T record;
    std::memcpy(&record, memory_.data() + offset, sizeof record);
    return record;
  }

  // ---- The payload that goes out ----
  // get_result_buffer(): decides where it begins, and returns the room there is, which may be none.
  [[nodiscard]] std::span<std::byte> result_buffer();
  void set_result_size(std::size_t bytes) {
    header().data_size = static_cast<std::uint32_t>(header().data_start + bytes);
  }
  // What the caller gets back of its buffer: header().data_size bytes from its beginning.
  [[nodiscard]] std::span<const std::byte> result() const {
    return std::span(memory_).first(header().data_size);
  }

  // ---- The device that the header names ----
  // __find_device_hash_cell(): by uuid, name or number. Takes a reference to the device; writes name, uuid
  // and the flag for an inactive table back into the header. The registry's lock is held.
  [[nodiscard]] HashCell* find_cell();
  // The same with the lock taken meanwhile. Null, and no reference, if there is no such device.
  [[nodiscard]] MappedDevice* find_device();
  // __dev_status(): the header's fields about the device.
  void report_device(MappedDevice& md);
  // Tells user space of a change, which it can wait for.
  void send_uevent(const MappedDevice& md) {
    if (md.live()) header().flags |= ioctl::flag_uevent_generated;
  }

 private:
  DeviceMapper& device_mapper_;
  std::vector<std::byte> memory_;
  std::size_t size_;
};

// The table that a command is about: the live one or, with flag_query_inactive_table, the inactive one. Keeps
// it from being destroyed. Do not take the registry's lock meanwhile.
class QueriedTable {
 public:
  QueriedTable(ControlCall& call, MappedDevice& md);
  explicit operator bool() const { return table_ != nullptr; }
  Table& operator*() const { return *table_; }
  Table* operator->() const { return table_; }

 private:
  MappedDevice::LiveTable live_;
  Table* table_;
};

// ---- The commands. All may sleep. ----

// control_listing.cpp
Status list_devices(ControlCall& call);
Status list_versions(ControlCall& call);
Status get_target_version(ControlCall& call);
Status table_deps(ControlCall& call);
Status table_status(ControlCall& call);
Status dev_wait(ControlCall& call);

// control_devices.cpp
Status remove_all(ControlCall& call);
Status dev_create(ControlCall& call);
Status dev_remove(ControlCall& call);
Status dev_rename(ControlCall& call);
Status dev_status(ControlCall& call);
Status dev_set_geometry(ControlCall& call);
Status dev_arm_poll(ControlCall& call);

// control_tables.cpp
Status dev_suspend(ControlCall& call);
Status table_load(ControlCall& call);
Status table_clear(ControlCall& call);

// control_message.cpp
Status target_message(ControlCall& call);

// The whole way of a call: DeviceMapper::control().
Status run_control_command(DeviceMapper& device_mapper, std::uint32_t command, std::span<std::byte> user);

}  // namespace dmcore
