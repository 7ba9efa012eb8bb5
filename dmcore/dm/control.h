// SPDX-License-Identifier: GPL-2.0-or-later
// Internals of the control interface (drivers/md/dm-ioctl.c). Its entry point is DeviceMapper::control().
//
// A call works on a copy of the caller's buffer, which the caller cannot change meanwhile. All accesses to it
// are checked against its size.
#pragma once

#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "dmcore/dm/dm.h"
#include "dmcore/dm/ioctl_format.h"

namespace dmcore {

// A reference to a mapped device, which is put at the end of the scope.
class DeviceReference {
 public:
  // Takes over a reference; null for none.
  explicit DeviceReference(MappedDevice* md) : md_(md) {}
  DeviceReference(const DeviceReference&) = delete;
  DeviceReference& operator=(const DeviceReference&) = delete;
  ~DeviceReference() noexcept(false) { put(); }

  explicit operator bool() const { return md_ != nullptr; }
  MappedDevice& operator*() const { return *md_; }
  MappedDevice* operator->() const { return md_; }
  // Puts the reference before the end of the scope.
  void put() {
    if (md_ != nullptr) std::exchange(md_, nullptr)->put();
  }

 private:
  MappedDevice* md_;
};

class ControlCall {
 public:
  // `memory` begins with an IoctlHeader and is at least as large; its first `size` bytes are from the caller.
  ControlCall(DeviceMapper& device_mapper, std::vector<std::byte> memory, std::size_t size)
      : device_mapper_(device_mapper), memory_(std::move(memory)), size_(size) {}
  ControlCall(const ControlCall&) = delete;
  ControlCall& operator=(const ControlCall&) = delete;

  [[nodiscard]] DeviceMapper& device_mapper() const { return device_mapper_; }
  [[nodiscard]] DeviceRegistry& registry() const { return device_mapper_.devices(); }
  [[nodiscard]] KernelLog& log() const { return device_mapper_.log(); }
  // Logs an error and returns it.
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

  // ---- Payload, in ---- The text at `offset` of the buffer, which must be zero-terminated within the
  // buffer.
  [[nodiscard]] std::optional<std::string_view> text_at(std::size_t offset) const;
  // The same `skip` bytes into the payload, which must not overlap the header.
  [[nodiscard]] std::optional<std::string_view> payload_text(std::size_t skip = 0) const;
  // The record at `offset`; the caller has checked that it lies within the buffer.
  template <class T>
  [[nodiscard]] T record_at(std::size_t offset) const {
    T record;
    std::memcpy(&record, memory_.data() + offset, sizeof record);
    return record;
  }

  // ---- Payload, out ---- get_result_buffer(): sets data_start, and returns the room for results, which may
  // be empty.
  [[nodiscard]] std::span<std::byte> result_buffer();
  void set_result_size(std::size_t bytes) {
    header().data_size = static_cast<std::uint32_t>(header().data_start + bytes);
  }
  // What is copied back to the caller: the first header().data_size bytes.
  [[nodiscard]] std::span<const std::byte> result() const {
    return std::span(memory_).first(header().data_size);
  }

  // ---- The device that the header names ---- __find_device_hash_cell(): by uuid, name or number. Takes a
  // reference to the device; writes name, uuid and the flag for an inactive table to the header. The caller
  // holds the registry's lock.
  [[nodiscard]] HashCell* find_cell();
  // The same, taking the lock. Null, without a reference, if there is no such device.
  [[nodiscard]] MappedDevice* find_device();
  // __dev_status(): sets the fields of the header about the device.
  void report_device(MappedDevice& md);
  // dm_kobject_uevent(): sets the flag that a uevent was generated.
  void send_uevent(const MappedDevice& md) {
    if (md.live()) header().flags |= ioctl::flag_uevent_generated;
  }

 private:
  DeviceMapper& device_mapper_;
  std::vector<std::byte> memory_;
  std::size_t size_;
};

// dm_get_live_or_inactive_table(): the live table or, with flag_query_inactive_table, the inactive one. It is
// not destroyed meanwhile. The registry's lock must not be taken meanwhile.
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

// ctl_ioctl(): DeviceMapper::control().
Status run_control_command(DeviceMapper& device_mapper, std::uint32_t command, std::span<std::byte> user);

}  // namespace dmcore
