// SPDX-License-Identifier: GPL-2.0-or-later
// Commands that load and clear tables, and suspend and resume devices; resuming makes a loaded table live.
#include "dmcore/dm/control.h"

namespace dmcore {

namespace {

MappedDevice::SuspendOptions suspend_options(const ControlCall& call) {
  return {!call.has(ioctl::flag_skip_lockfs), call.has(ioctl::flag_noflush)};
}

Status suspend(ControlCall& call) {
  const DeviceReference md(call.find_device());
  if (!md) return Errno::nxio;
  if (!md->suspended()) DMCORE_TRY(md->suspend(suspend_options(call)));
  call.report_device(*md);
  return {};
}

// The device could not be suspended: makes its new table inactive again, unless another one was loaded
// meanwhile. Returns the error of the command: `status`, unless that failed too.
Status give_back(ControlCall& call, MappedDevice& md, std::unique_ptr<Table> table, Status status) {
  {
    const WriteGuard guard(call.registry().lock());
    if (md.cell != nullptr && md.cell->inactive == nullptr) {
      md.cell->inactive = std::move(table);
      return status;
    }
  }
  md.discard_table(std::move(table));
  return Errno::nxio;
}

// Makes `table` the live one. Returns the old one, which may be null.
Result<std::unique_ptr<Table>> activate(ControlCall& call, MappedDevice& md, std::unique_ptr<Table> table) {
  if (!md.suspended()) {
    if (const Status status = md.suspend(suspend_options(call)); !status.ok()) {
      return give_back(call, md, std::move(table), status);
    }
  }
  const bool writable = table->mode().write;
  Result<std::unique_ptr<Table>> old = md.swap_table(table);
  if (!old.ok()) {
    md.discard_table(std::move(table));
    return old.error();
  }
  md.read_only = !writable;
  return old;
}

// Removes the inactive table, if any, from the device that the header names, to which it takes a reference.
// ENXIO if there is no such device.
struct Unloaded {
  MappedDevice* md;
  std::unique_ptr<Table> table;
};
Result<Unloaded> unload(ControlCall& call) {
  const WriteGuard guard(call.registry().lock());
  HashCell* cell = call.find_cell();
  if (cell == nullptr) return Errno::nxio;
  call.set_flag(ioctl::flag_inactive_present, false);
  return Unloaded{cell->md, std::move(cell->inactive)};
}

Status resume(ControlCall& call) {
  DMCORE_TRY_ASSIGN(Unloaded unloaded, unload(call));
  const DeviceReference md(unloaded.md);
  std::unique_ptr<Table> old;
  if (unloaded.table != nullptr) {
    DMCORE_TRY_ASSIGN(old, activate(call, *md, std::move(unloaded.table)));
  }
  Status status;
  if (md->suspended()) {
    status = md->resume();
    if (status.ok()) call.send_uevent(*md);
  }
  // swap_table() has waited until it was no longer in use.
  if (old != nullptr) old->destroy();
  if (status.ok()) call.report_device(*md);
  return status;
}

// populate_table(): the targets are a chain of records, each followed by its parameters. `next` must be at
// least the size of a record; data_start is the first.
Status fill_table(ControlCall& call, Table& table) {
  if (call.header().target_count == 0) {
    return call.fail(Errno::inval, "populate_table: no targets specified");
  }
  std::size_t offset = 0;
  std::size_t next = call.header().data_start;
  for (std::uint32_t i = 0; i < call.header().target_count; ++i) {
    offset += next;
    const std::optional<std::string_view> params = call.text_at(offset + sizeof(ioctl::TargetSpec));
    if (next < sizeof(ioctl::TargetSpec) || !params) {
      return call.fail(Errno::inval, "unable to find target");
    }
    const auto spec = call.record_at<ioctl::TargetSpec>(offset);
    // A type name that fills its field is not terminated, and continues in the parameters, as in the kernel.
    const std::string_view type = *call.text_at(offset + offsetof(ioctl::TargetSpec, target_type));
    DMCORE_TRY(call.log().explain(table.add_target(type, spec.sector_start, spec.length, *params),
                                  control_log_prefix, "error adding target to table"));
    next = spec.next;
  }
  return table.complete();
}

// Checks the table against the immutable target type, and sets up the block device with the first table.
Status prepare_device(ControlCall& call, MappedDevice& md, Table& table) {
  const TargetType* immutable = md.immutable_target_type();
  if (immutable != nullptr && immutable != table.immutable_target_type() && !table.has_wildcard_target()) {
    return call.fail(Errno::inval, "can't replace immutable target type {}", immutable->name);
  }
  return call.log().explain(md.set_up(table), control_log_prefix,
                            "unable to set up device queue for new table.");
}

Status load(ControlCall& call, MappedDevice& md, Table& table) {
  MutexGuard guard(md.type_lock());
  DMCORE_TRY(fill_table(call, table));
  return prepare_device(call, md, table);
}

// Makes `table` the inactive one; afterwards `table` is the old inactive one.
Status stage(ControlCall& call, MappedDevice& md, std::unique_ptr<Table>& table) {
  WriteGuard guard(call.registry().lock());
  if (md.cell == nullptr) {
    return call.fail(Errno::nxio, "device has been removed from the dev hash table.");
  }
  std::swap(md.cell->inactive, table);
  return {};
}

}  // namespace

Status dev_suspend(ControlCall& call) {
  return call.has(ioctl::flag_suspend) ? suspend(call) : resume(call);
}

Status table_load(ControlCall& call) {
  const DeviceReference md(call.find_device());
  if (!md) return Errno::nxio;
  if (call.header().target_count > Table::max_targets) return Errno::overflow;
  auto table = std::make_unique<Table>(*md, OpenMode{true, !call.has(ioctl::flag_readonly)});
  Status status = load(call, *md, *table);
  if (status.ok()) status = stage(call, *md, table);
  if (!status.ok()) {
    table->destroy();
    return status;
  }
  call.set_flag(ioctl::flag_inactive_present, true);
  call.report_device(*md);
  md->discard_table(std::move(table));
  return {};
}

Status table_clear(ControlCall& call) {
  DMCORE_TRY_ASSIGN(Unloaded unloaded, unload(call));
  const DeviceReference md(unloaded.md);
  call.report_device(*md);
  md->discard_table(std::move(unloaded.table));
  return {};
}

}  // namespace dmcore
