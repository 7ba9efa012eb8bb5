// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/dm/control.h"

#include <algorithm>
#include <array>

namespace dmcore {

namespace {

using ioctl::Command;
using ioctl::IoctlHeader;

constexpr std::uint32_t max_data_size = Table::max_targets * Table::max_target_params;

struct CommandEntry {
  Status (*run)(ControlCall& call);
  bool header_only;   // the payload is ignored and not copied
  bool global_event;  // success is an event for poll() on the control node
};

// By command number. The first, version, is handled before the lookup.
constexpr std::array<CommandEntry, 18> commands{{
    {nullptr, false, false},
    {remove_all, true, true},
    {list_devices, false, false},
    {dev_create, true, true},
    {dev_remove, true, true},
    {dev_rename, false, true},
    {dev_suspend, true, false},
    {dev_status, true, false},
    {dev_wait, false, false},
    {table_load, false, false},
    {table_clear, true, false},
    {table_deps, false, false},
    {table_status, false, false},
    {list_versions, false, false},
    {target_message, false, false},
    {dev_set_geometry, false, false},
    {dev_arm_poll, true, false},
    {get_target_version, false, false},
}};

bool is(std::uint32_t command, Command wanted) {
  return command == static_cast<std::uint32_t>(wanted);
}

// check_version(). Writes the kernel's version to the caller's buffer in any case.
Status check_version(KernelLog& log, std::uint32_t command, std::span<std::byte> user) {
  std::array<std::uint32_t, 3> version{};
  constexpr std::array<std::uint32_t, 3> ours{ioctl::version_major, ioctl::version_minor,
                                              ioctl::version_patch};
  if (user.size() < sizeof version) return Errno::fault;
  std::memcpy(version.data(), user.data(), sizeof version);
  std::memcpy(user.data(), ours.data(), sizeof ours);
  if (version[0] == ours[0] && version[1] <= ours[1]) return {};
  return log.fail(Errno::inval, control_log_prefix,
                  "ioctl interface mismatch: kernel({}.{}.{}), user({}.{}.{}), cmd({})", ours[0], ours[1],
                  ours[2], version[0], version[1], version[2], command);
}

// The kernel's copy of the caller's buffer.
struct Copy {
  std::vector<std::byte> memory;
  std::size_t size;  // bytes from the caller; `memory` has at least room for a header
};

// copy_params().
Result<Copy> copy_in(KernelLog& log, std::span<std::byte> user, bool header_only) {
  if (user.size() < ioctl::minimum_data_size) return Errno::fault;
  IoctlHeader header{};
  std::memcpy(&header, user.data(), ioctl::minimum_data_size);
  if (header.data_size < ioctl::minimum_data_size || header.data_size > max_data_size) {
    return log.fail(Errno::inval, control_log_prefix, "Invalid data size in the ioctl structure: {}",
                    header.data_size);
  }
  const std::size_t size = header_only ? ioctl::minimum_data_size : header.data_size;
  if (user.size() < size) return Errno::fault;
  std::vector<std::byte> memory(std::max(size, sizeof(IoctlHeader)));
  std::memcpy(memory.data(), user.data(), size);
  // A table may contain keys.
  if ((header.flags & ioctl::flag_secure_data) != 0) std::fill_n(user.begin(), size, std::byte{0});
  return Copy{std::move(memory), size};
}

// validate_params().
Status check_header(ControlCall& call, std::uint32_t command) {
  IoctlHeader& header = call.header();
  header.flags &= ~(ioctl::flag_buffer_full | ioctl::flag_uevent_generated | ioctl::flag_secure_data |
                    ioctl::flag_data_out);
  if (is(command, Command::remove_all) || is(command, Command::list_devices) ||
      is(command, Command::list_versions)) {
    return {};
  }
  if (is(command, Command::dev_create)) {
    if (header.name[0] == '\0') {
      return call.fail(Errno::inval, "name not supplied when creating device");
    }
  } else if (header.uuid[0] != '\0' && header.name[0] != '\0') {
    return call.fail(Errno::inval, "only supply one of name or uuid, cmd({})", command);
  }
  header.name[ioctl::name_size - 1] = '\0';
  header.uuid[ioctl::uuid_size - 1] = '\0';
  return {};
}

}  // namespace

Status run_control_command(DeviceMapper& device_mapper, std::uint32_t command, std::span<std::byte> user) {
  KernelLog& log = device_mapper.log();
  DMCORE_TRY(check_version(log, command, user));
  if (is(command, Command::version)) return {};
  if (command >= commands.size()) {
    // The ioctl request: _IOWR(0xfd, command, struct dm_ioctl).
    constexpr std::uint32_t request = 0xc000fd00U | (sizeof(IoctlHeader) << 16U);
    return log.fail(Errno::notty, control_log_prefix, "dm_ctl_ioctl: unknown command {:#x}",
                    request | (command & 0xffU));
  }

  const CommandEntry& entry = commands[command];
  DMCORE_TRY_ASSIGN(Copy copy, copy_in(log, user, entry.header_only));
  ControlCall call(device_mapper, std::move(copy.memory), copy.size);
  DMCORE_TRY(check_header(call, command));

  call.header().data_size = ioctl::minimum_data_size;
  DMCORE_TRY(entry.run(call));
  if (entry.global_event) device_mapper.issue_global_event();
  const std::span<const std::byte> result = call.result();
  if (result.size() > user.size()) return Errno::fault;
  std::copy(result.begin(), result.end(), user.begin());
  return {};
}

std::optional<std::string_view> ControlCall::text_at(std::size_t offset) const {
  if (offset >= size_) return std::nullopt;
  const auto* text = reinterpret_cast<const char*>(memory_.data()) + offset;  // NOLINT: bytes as text
  const std::size_t room = size_ - offset;
  const std::size_t length = strnlen(text, room);
  if (length == room) return std::nullopt;
  return std::string_view(text, length);
}

std::optional<std::string_view> ControlCall::payload_text(std::size_t skip) const {
  if (header().data_start < ioctl::minimum_data_size) return std::nullopt;
  return text_at(std::size_t{header().data_start} + skip);
}

std::span<std::byte> ControlCall::result_buffer() {
  constexpr std::size_t start = ioctl::align_record(sizeof(IoctlHeader));
  if (start >= size_) {
    header().data_start = static_cast<std::uint32_t>(size_);
    return {};
  }
  header().data_start = start;
  return std::span<std::byte>(memory_).subspan(start, size_ - start);
}

namespace {

void copy_text(char* to, std::size_t room, std::string_view text) {
  const std::size_t length = std::min(text.size(), room - 1);
  std::memcpy(to, text.data(), length);
  to[length] = '\0';
}

}  // namespace

HashCell* ControlCall::find_cell() {
  HashCell* cell = nullptr;
  if (!uuid().empty()) {
    if (!name().empty() || header().dev != 0) {
      log().err(control_log_prefix, "Invalid ioctl structure: uuid {}, name {}, dev {:x}", uuid(), name(),
                header().dev);
      return nullptr;
    }
    cell = registry().by_uuid(uuid());
    if (cell != nullptr) cell->md->get();
  } else if (!name().empty()) {
    if (header().dev != 0) {
      log().err(control_log_prefix, "Invalid ioctl structure: name {}, dev {:x}", name(), header().dev);
      return nullptr;
    }
    cell = registry().by_name(name());
    if (cell != nullptr) cell->md->get();
  } else if (header().dev != 0) {
    DeviceReference md(
        registry().get(DevT{ioctl::device_major(header().dev), ioctl::device_minor(header().dev)}));
    if (md && md->cell != nullptr) {
      cell = md->cell;
      cell->md->get();
    }
  }
  if (cell == nullptr) return nullptr;
  copy_text(header().name, sizeof header().name, cell->name);
  copy_text(header().uuid, sizeof header().uuid, cell->uuid);
  set_flag(ioctl::flag_inactive_present, cell->inactive != nullptr);
  return cell;
}

MappedDevice* ControlCall::find_device() {
  ReadGuard guard(registry().lock());
  const HashCell* cell = find_cell();
  return cell != nullptr ? cell->md : nullptr;
}

void ControlCall::report_device(MappedDevice& md) {
  const bool inactive = has(ioctl::flag_query_inactive_table);
  set_flag(ioctl::flag_suspend, md.suspended());
  set_flag(ioctl::flag_internal_suspend, md.suspended_internally());
  set_flag(ioctl::flag_readonly, false);
  set_flag(ioctl::flag_active_present, false);
  if (md.deferred_remove()) set_flag(ioctl::flag_deferred_remove, true);
  header().dev = ioctl::encode_device(md.dev().major, md.dev().minor);
  header().open_count = static_cast<std::int32_t>(md.times_open());
  header().event_nr = md.event_nr();
  header().target_count = 0;
  {
    const MappedDevice::LiveTable table(md);
    if (table) {
      set_flag(ioctl::flag_active_present, true);
      if (!inactive) {
        set_flag(ioctl::flag_readonly, md.read_only);
        header().target_count = static_cast<std::uint32_t>(table->target_count());
      }
    }
  }
  if (!inactive) return;
  const QueriedTable table(*this, md);
  if (table) {
    set_flag(ioctl::flag_readonly, !table->mode().write);
    header().target_count = static_cast<std::uint32_t>(table->target_count());
  }
}

QueriedTable::QueriedTable(ControlCall& call, MappedDevice& md) : live_(md), table_(live_.get()) {
  if (!call.has(ioctl::flag_query_inactive_table)) return;
  table_ = nullptr;
  ReadGuard guard(call.registry().lock());
  if (md.cell == nullptr) {
    call.log().err(control_log_prefix, "device has been removed from the dev hash table.");
  } else {
    table_ = md.cell->inactive.get();
  }
}

}  // namespace dmcore
