// SPDX-License-Identifier: GPL-2.0-or-later
// Commands that create, remove, rename and describe devices.
#include <limits>

#include "dmcore/dm/control.h"

namespace dmcore {

namespace {

Status check_name(ControlCall& call, std::string_view name) {
  if (name.find('/') == std::string_view::npos) return {};
  return call.fail(Errno::inval, "invalid device name");
}

// dm_hash_rename(): sets a new name, or the first uuid, of the device that the header names. Takes a
// reference to it.
Result<MappedDevice*> change_name(ControlCall& call, std::string_view text, bool change_uuid) {
  DeviceRegistry& registry = call.registry();
  const WriteGuard guard(registry.lock());
  if ((change_uuid ? registry.by_uuid(text) : registry.by_name(text)) != nullptr) {
    return call.log().fail(Errno::busy, control_log_prefix,
                           "Unable to change {} on mapped device {} to one that already exists: {}",
                           change_uuid ? "uuid" : "name", call.name(), text);
  }
  HashCell* cell = registry.by_name(call.name());
  if (cell == nullptr) {
    return call.fail(Errno::nxio, "Unable to rename non-existent device, {} to {}{}", call.name(),
                     change_uuid ? "uuid " : "", text);
  }
  if (change_uuid && !cell->uuid.empty()) {
    return call.log().fail(
        Errno::inval, control_log_prefix,
        "Unable to change uuid of mapped device {} to {} because uuid is already set to {}", call.name(),
        text, cell->uuid);
  }
  if (change_uuid) {
    registry.set_uuid(*cell, text);
  } else {
    registry.rename(*cell, text);
  }
  MappedDevice& md = *cell->md;
  md.get();
  const MappedDevice::LiveTable table(md);
  if (table) table->event();
  call.send_uevent(md);
  return &md;
}

// sscanf(text, "%lu %lu %lu %lu%c") == 4.
std::optional<Geometry> read_geometry(std::string_view text) {
  Geometry geometry;
  for (std::uint64_t* number : {&geometry.cylinders, &geometry.heads, &geometry.sectors, &geometry.start}) {
    const std::optional<std::uint64_t> value = scan_leading_u64(text);
    if (!value) return std::nullopt;
    *number = *value;
  }
  if (!text.empty()) return std::nullopt;
  return geometry;
}

}  // namespace

Status remove_all(ControlCall& call) {
  call.registry().remove_all(call.has(ioctl::flag_deferred_remove), false);
  call.header().data_size = 0;
  return {};
}

Status dev_create(ControlCall& call) {
  DMCORE_TRY(check_name(call, call.name()));
  std::optional<std::uint32_t> minor;
  if (call.has(ioctl::flag_persistent_dev)) minor = ioctl::device_minor(call.header().dev);
  DMCORE_TRY_ASSIGN(MappedDevice* const created, call.registry().create(minor));
  MappedDevice& md = *created;
  if (const Status status = call.registry().insert(call.name(), call.uuid(), md); !status.ok()) {
    md.put();
    call.registry().destroy(md);
    return status;
  }
  call.set_flag(ioctl::flag_inactive_present, false);
  call.report_device(md);
  md.put();
  return {};
}

Status dev_remove(ControlCall& call) {
  std::unique_ptr<Table> inactive;
  MappedDevice* md = nullptr;
  const bool deferred = call.has(ioctl::flag_deferred_remove);
  {
    WriteGuard guard(call.registry().lock());
    HashCell* cell = call.find_cell();
    if (cell == nullptr) return Errno::nxio;
    md = cell->md;
    if (const Status status = md->lock_for_deletion(deferred, false); !status.ok()) {
      md->put();
      if (status.error() == Errno::busy && deferred) return {};
      return status;
    }
    inactive = call.registry().remove(*cell);
  }
  md->discard_table(std::move(inactive));
  call.set_flag(ioctl::flag_deferred_remove, false);
  call.send_uevent(*md);
  md->put();
  call.registry().destroy(*md);
  return {};
}

Status dev_rename(ControlCall& call) {
  const bool change_uuid = call.has(ioctl::flag_uuid);
  const std::optional<std::string_view> text = call.payload_text();
  const std::size_t longest = (change_uuid ? ioctl::uuid_size : ioctl::name_size) - 1;
  if (!text || text->empty() || text->size() > longest) {
    return call.fail(Errno::inval, "Invalid new mapped device name or uuid string supplied.");
  }
  if (!change_uuid) DMCORE_TRY(check_name(call, *text));
  DMCORE_TRY_ASSIGN(MappedDevice* const changed, change_name(call, *text, change_uuid));
  const DeviceReference md(changed);
  call.report_device(*md);
  return {};
}

Status dev_status(ControlCall& call) {
  const DeviceReference md(call.find_device());
  if (!md) return Errno::nxio;
  call.report_device(*md);
  return {};
}

Status dev_set_geometry(ControlCall& call) {
  const DeviceReference md(call.find_device());
  if (!md) return Errno::nxio;
  const std::optional<std::string_view> text = call.payload_text();
  if (!text) {
    return call.fail(Errno::inval, "Invalid geometry supplied.");
  }
  const std::optional<Geometry> geometry = read_geometry(*text);
  if (!geometry) {
    return call.fail(Errno::inval, "Unable to interpret geometry settings.");
  }
  if (geometry->cylinders > 65535 || geometry->heads > 255 || geometry->sectors > 255) {
    return call.fail(Errno::inval, "Geometry exceeds range limits.");
  }
  const Status status = md->set_geometry(*geometry);
  call.header().data_size = 0;
  return status;
}

Status dev_arm_poll(ControlCall& call) {
  call.device_mapper().arm_poll();
  return {};
}

}  // namespace dmcore
