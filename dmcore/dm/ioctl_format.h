// SPDX-License-Identifier: GPL-2.0-or-later
// The binary format of device-mapper's control interface: the ioctls of /dev/mapper/control.
//
// Source: include/uapi/linux/dm-ioctl.h, interface 4.47.0 (Linux 6.1), for a 64-bit little-endian machine.
//
// A call has a command number and a buffer. The buffer begins with an IoctlHeader; the payload is
// `data_start` bytes from the buffer's beginning, and its form depends on the command:
//
// clang-format off
//   command              payload in                           payload out
//   version              -                                    -
//   remove_all           -                                    -
//   list_devices         -                                    NameListEntry records; one with dev 0: no device
//   dev_create           -                                    -
//   dev_remove           -                                    -
//   dev_rename           new name, or uuid (flag_uuid), \0    -
//   dev_suspend          - (suspend with flag_suspend, else resume)
//   dev_status           -                                    -
//   dev_wait             - (event_nr in the header)           as table_status
//   table_load           target_count times TargetSpec + \0-terminated parameters
//   table_clear          -                                    -
//   table_deps           -                                    TargetDeps
//   table_status         -                                    target_count times TargetSpec + text
//   list_versions        -                                    TargetVersions records
//   target_message       TargetMessage                        text, if flag_data_out is set on return
//   dev_set_geometry     "cylinders heads sectors start" \0   -
//   dev_arm_poll         -                                    -
//   get_target_version   - (the type's name in the header)    one TargetVersions
// clang-format on
//
// Header and payload are copied back only when a command succeeds, the version in any case. If a payload does
// not fit, the command succeeds with flag_buffer_full, and the caller retries with a larger buffer.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dmcore::ioctl {

// Sizes of the fixed text fields, in bytes, the terminating zero included.
inline constexpr size_t target_type_size = 16;
inline constexpr size_t name_size = 128;
inline constexpr size_t uuid_size = 129;

// The version of this interface. A caller's major must be equal, and its minor not greater.
inline constexpr uint32_t version_major = 4;
inline constexpr uint32_t version_minor = 47;
inline constexpr uint32_t version_patch = 0;

// The low byte of the Linux ioctl request; the numbers are part of the binary interface.
enum class Command : uint32_t {
  version = 0,
  remove_all = 1,
  list_devices = 2,
  dev_create = 3,
  dev_remove = 4,
  dev_rename = 5,
  dev_suspend = 6,  // resume, too
  dev_status = 7,
  dev_wait = 8,
  table_load = 9,
  table_clear = 10,
  table_deps = 11,
  table_status = 12,
  list_versions = 13,
  target_message = 14,
  dev_set_geometry = 15,
  dev_arm_poll = 16,
  get_target_version = 17,
};

// Bits of IoctlHeader::flags. "in" is set by the caller, "out" by the kernel.
inline constexpr uint32_t flag_readonly = 1u << 0;          // in, out
inline constexpr uint32_t flag_suspend = 1u << 1;           // in, out
inline constexpr uint32_t flag_persistent_dev = 1u << 3;    // in: use the minor of `dev`
inline constexpr uint32_t flag_status_table = 1u << 4;      // in: table lines instead of status
inline constexpr uint32_t flag_active_present = 1u << 5;    // out: there is a live table
inline constexpr uint32_t flag_inactive_present = 1u << 6;  // out: there is an inactive table
inline constexpr uint32_t flag_buffer_full = 1u << 8;       // out: the payload did not fit
inline constexpr uint32_t flag_skip_bdget = 1u << 9;        // in: not used any more
inline constexpr uint32_t flag_skip_lockfs = 1u << 10;      // in: suspend without freezing the file system
inline constexpr uint32_t flag_noflush = 1u << 11;          // in: suspend or status without a flush
inline constexpr uint32_t flag_query_inactive_table = 1u << 12;  // in: answer for the inactive table
inline constexpr uint32_t flag_uevent_generated = 1u << 13;      // out
inline constexpr uint32_t flag_uuid = 1u << 14;                  // in: rename sets the uuid
inline constexpr uint32_t flag_secure_data = 1u << 15;       // in: wipe the caller's buffer after copying it
inline constexpr uint32_t flag_data_out = 1u << 16;          // out: the message has an answer
inline constexpr uint32_t flag_deferred_remove = 1u << 17;   // in, out
inline constexpr uint32_t flag_internal_suspend = 1u << 18;  // out
inline constexpr uint32_t flag_ima_measurement = 1u << 19;   // in: the table for integrity measurement

// struct dm_ioctl. An existing device is identified by exactly one of name, uuid and dev.
struct IoctlHeader {
  uint32_t version[3];    // in: the version that the caller uses; out: the kernel's
  uint32_t data_size;     // in: size of the whole buffer; out: bytes of it that are valid
  uint32_t data_start;    // offset of the payload from the buffer's beginning
  uint32_t target_count;  // targets in the payload, or in the table that was asked for
  int32_t open_count;     // out: number of opens of the device
  uint32_t flags;
  uint32_t event_nr;  // out: events so far; in for dev_wait: the last one seen; else a udev cookie
  uint32_t padding;
  uint64_t dev;  // a device number: encode_device() below
  char name[name_size];
  char uuid[uuid_size];
  char data[7];  // padding, or the beginning of the payload
};
static_assert(sizeof(IoctlHeader) == 312);
static_assert(offsetof(IoctlHeader, version) == 0);
static_assert(offsetof(IoctlHeader, data_size) == 12);
static_assert(offsetof(IoctlHeader, data_start) == 16);
static_assert(offsetof(IoctlHeader, target_count) == 20);
static_assert(offsetof(IoctlHeader, open_count) == 24);
static_assert(offsetof(IoctlHeader, flags) == 28);
static_assert(offsetof(IoctlHeader, event_nr) == 32);
static_assert(offsetof(IoctlHeader, padding) == 36);
static_assert(offsetof(IoctlHeader, dev) == 40);
static_assert(offsetof(IoctlHeader, name) == 48);
static_assert(offsetof(IoctlHeader, uuid) == 176);
static_assert(offsetof(IoctlHeader, data) == 305);

// The smallest buffer a call may have: the header without its last field.
inline constexpr size_t minimum_data_size = offsetof(IoctlHeader, data);

// struct dm_target_spec: one target of a table; its text, ended by a zero byte, follows immediately.
struct TargetSpec {
  uint64_t sector_start;
  uint64_t length;  // sectors
  int32_t status;   // out, always 0
  // The offset of the next one. In table_load: from the beginning of this one. In the result of table_status:
  // from the beginning of the payload.
  uint32_t next;
  char target_type[target_type_size];
};
static_assert(sizeof(TargetSpec) == 40);
static_assert(offsetof(TargetSpec, sector_start) == 0);
static_assert(offsetof(TargetSpec, length) == 8);
static_assert(offsetof(TargetSpec, status) == 16);
static_assert(offsetof(TargetSpec, next) == 20);
static_assert(offsetof(TargetSpec, target_type) == 24);

// struct dm_target_deps: `count` device numbers (uint64_t, encode_device()) follow.
struct TargetDeps {
  uint32_t count;
  uint32_t padding;
};
static_assert(sizeof(TargetDeps) == 8);
static_assert(offsetof(TargetDeps, count) == 0);
static_assert(offsetof(TargetDeps, padding) == 4);

// struct dm_name_list: the name and a zero byte follow at name_list_name_offset (12, not the structure's
// size). After the name, at the next multiple of 8 bytes from the payload's beginning: uint32_t event_nr,
// uint32_t flags, and, if name_list_has_uuid is among them, the uuid and a zero byte.
struct NameListEntry {
  uint64_t dev;   // 0 in the first entry: there are no devices
  uint32_t next;  // bytes from this entry's beginning to the next one; 0 in the last
};
inline constexpr size_t name_list_name_offset = 12;
inline constexpr uint32_t name_list_has_uuid = 1;
inline constexpr uint32_t name_list_has_no_uuid = 2;
static_assert(sizeof(NameListEntry) == 16);  // with its tail padding; the name begins inside that
static_assert(offsetof(NameListEntry, dev) == 0);
static_assert(offsetof(NameListEntry, next) == 8);

// struct dm_target_versions: the target type's name and a zero byte follow immediately.
struct TargetVersions {
  uint32_t next;  // bytes from this record's beginning to the next one; 0 in the last
  uint32_t version[3];
};
static_assert(sizeof(TargetVersions) == 16);
static_assert(offsetof(TargetVersions, next) == 0);
static_assert(offsetof(TargetVersions, version) == 4);

// struct dm_target_msg: the message's text and a zero byte follow immediately.
struct TargetMessage {
  uint64_t sector;  // of the mapped device; chooses the target. A message to dm itself begins with '@'
};
static_assert(sizeof(TargetMessage) == 8);
static_assert(offsetof(TargetMessage, sector) == 0);

// Payload records begin at multiples of 8 bytes from the payload's beginning.
inline constexpr size_t align_record(size_t offset) {
  return (offset + 7) & ~size_t{7};
}

// huge_encode_dev() (include/linux/kdev_t.h): the low byte of the minor, 12 bits of major, the rest of the
// minor.
constexpr uint64_t encode_device(uint32_t major, uint32_t minor) {
  return (minor & 0xff) | (uint64_t{major & 0xfff} << 8) | (uint64_t{minor & ~0xffu} << 12);
}
constexpr uint32_t device_major(uint64_t dev) {
  return static_cast<uint32_t>((dev >> 8) & 0xfff);
}
constexpr uint32_t device_minor(uint64_t dev) {
  return static_cast<uint32_t>((dev & 0xff) | ((dev >> 12) & 0xfff00));
}
static_assert(device_major(encode_device(253, 0x12345)) == 253);
static_assert(device_minor(encode_device(253, 0x12345)) == 0x12345);

}  // namespace dmcore::ioctl
