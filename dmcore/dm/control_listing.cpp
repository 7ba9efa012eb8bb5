// SPDX-License-Identifier: GPL-2.0-or-later
// Commands whose results are a payload.
#include <algorithm>

#include "dmcore/dm/control.h"

namespace dmcore {

namespace {

// Writes to a result buffer sequentially. What does not fit is not written; full() is true then.
class Writer {
 public:
  explicit Writer(std::span<std::byte> room) : room_(room) {}

  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] std::size_t left() const { return room_.size() - position_; }
  [[nodiscard]] bool full() const { return full_; }

  void bytes(const void* data, std::size_t size) {
    full_ = full_ || size > left();
    if (full_) return;
    std::memcpy(room_.data() + position_, data, size);
    position_ += size;
  }
  template <class T>
  void value(const T& data) {
    bytes(&data, sizeof data);
  }
  // Zero-terminated.
  void text(std::string_view text) {
    bytes(text.data(), text.size());
    value('\0');
  }
  // Advances to the alignment of records.
  void align() {
    const std::size_t next = ioctl::align_record(position_);
    full_ = full_ || next > room_.size();
    if (!full_) position_ = next;
  }
  // Sets a field that was written before.
  void patch(std::size_t position, std::uint32_t number) {
    std::memcpy(room_.data() + position, &number, sizeof number);
  }

 private:
  std::span<std::byte> room_;
  std::size_t position_ = 0;
  bool full_ = false;
};

// ---- list_devices ----

bool matches(const ControlCall& call, const HashCell& cell) {
  return cell.name.starts_with(call.name()) && cell.uuid.starts_with(call.uuid());
}

std::size_t entry_size(const HashCell& cell, bool with_uuid) {
  std::size_t size = ioctl::align_record(ioctl::name_list_name_offset + cell.name.size() + 1);
  size += ioctl::align_record(2 * sizeof(std::uint32_t));
  if (with_uuid && !cell.uuid.empty()) size += ioctl::align_record(cell.uuid.size() + 1);
  return size;
}

void write_entry(Writer& out, const HashCell& cell, bool with_uuid, bool last) {
  const DevT dev = cell.md->dev();
  out.value(ioctl::encode_device(dev.major, dev.minor));
  out.value(last ? 0U : static_cast<std::uint32_t>(entry_size(cell, with_uuid)));
  out.text(cell.name);
  out.align();
  out.value(cell.md->event_nr());
  const bool has_uuid = !cell.uuid.empty();
  const std::uint32_t uuid_flag = has_uuid ? ioctl::name_list_has_uuid : ioctl::name_list_has_no_uuid;
  out.value(with_uuid ? uuid_flag : 0U);
  if (with_uuid && has_uuid) {
    out.text(cell.uuid);
    out.align();
  }
}

// ---- list_versions ----

std::size_t needed_for(const TargetType& type) {
  // As in the kernel: room for the maximal padding, needed or not.
  return sizeof(ioctl::TargetVersions) + type.name.size() + 1 + 7;
}

Status write_versions(ControlCall& call, std::span<const TargetType* const> types) {
  std::size_t needed = 0;
  for (const TargetType* type : types) needed += needed_for(*type);
  const std::span<std::byte> room = call.result_buffer();
  if (room.size() < needed) {
    call.set_flag(ioctl::flag_buffer_full, true);
    return {};
  }
  call.set_result_size(needed);
  Writer out(room.first(needed));
  std::size_t previous = 0;
  for (const TargetType* type : types) {
    const std::size_t begin = out.position();
    if (begin != 0) out.patch(previous, static_cast<std::uint32_t>(begin - previous));
    out.value(ioctl::TargetVersions{0, {type->version[0], type->version[1], type->version[2]}});
    out.text(type->name);
    out.align();
    previous = begin;
  }
  return {};
}

// ---- table_status ----

// Adds a target's record and text to the result. False if they, or the padding behind them, do not fit.
bool write_target(ControlCall& call, Writer& out, Target& target, StatusType type) {
  if (out.left() <= sizeof(ioctl::TargetSpec)) return false;
  const std::size_t begin = out.position();
  ioctl::TargetSpec spec{};
  spec.sector_start = target.begin();
  spec.length = target.len();
  const std::string& name = target.type->name;
  std::copy_n(name.data(), std::min(name.size(), sizeof spec.target_type - 1), spec.target_type);
  out.value(spec);
  const std::string text = target.status(type, call.has(ioctl::flag_noflush));
  // As in the kernel, where targets print into the remaining room: a text that fills it may have been
  // truncated.
  if (text.size() + 1 >= out.left()) return false;
  out.text(text);
  call.set_result_size(out.position());
  out.align();
  if (out.full()) return false;
  out.patch(begin + offsetof(ioctl::TargetSpec, next), static_cast<std::uint32_t>(out.position()));
  return true;
}

void retrieve_status(ControlCall& call, Table& table) {
  StatusType type = StatusType::info;
  if (call.has(ioctl::flag_status_table)) {
    type = StatusType::table;
  } else if (call.has(ioctl::flag_ima_measurement)) {
    type = StatusType::ima;
  }
  Writer out(call.result_buffer());
  for (std::size_t i = 0; i < table.target_count(); ++i) {
    if (!write_target(call, out, table.target(i), type)) {
      call.set_flag(ioctl::flag_buffer_full, true);
      break;
    }
  }
  call.header().target_count = static_cast<std::uint32_t>(table.target_count());
}

// ---- table_deps ----

void retrieve_deps(ControlCall& call, Table& table) {
  ReadGuard guard(table.devices_lock());
  const std::span<std::byte> room = call.result_buffer();
  const std::vector<const TableDevice*> devices = table.devices();
  const std::size_t needed = sizeof(ioctl::TargetDeps) + devices.size() * sizeof(std::uint64_t);
  if (room.size() < needed) {
    call.set_flag(ioctl::flag_buffer_full, true);
    return;
  }
  Writer out(room);
  out.value(static_cast<std::uint32_t>(devices.size()));
  // As in the kernel, the padding is not written.
  Writer numbers(room.subspan(sizeof(ioctl::TargetDeps)));
  for (const TableDevice* device : devices) {
    const DevT dev = device->device->dev();
    numbers.value(ioctl::encode_device(dev.major, dev.minor));
  }
  call.set_result_size(needed);
}

// Reports the device, and what `retrieve` gets from the queried table. ENXIO if there is no device.
Status answer(ControlCall& call, const DeviceReference& md, void (*retrieve)(ControlCall&, Table&)) {
  if (!md) return Errno::nxio;
  call.report_device(*md);
  const QueriedTable table(call, *md);
  if (table) retrieve(call, *table);
  return {};
}

}  // namespace

Status list_devices(ControlCall& call) {
  WriteGuard guard(call.registry().lock());
  const bool with_uuid = call.has(ioctl::flag_uuid);
  std::vector<const HashCell*> cells;
  std::size_t needed = 0;
  for (const auto& [name, cell] : call.registry().names()) {
    if (!matches(call, *cell)) continue;
    cells.push_back(cell.get());
    needed += entry_size(*cell, with_uuid);
  }
  const std::span<std::byte> room = call.result_buffer();
  if (room.size() < std::max(needed, sizeof(std::uint64_t))) {
    call.set_flag(ioctl::flag_buffer_full, true);
    return {};
  }
  call.set_result_size(needed);
  Writer out(room);
  // A first entry with dev 0 means that there are no devices; the rest of it is not written.
  if (cells.empty()) out.value(std::uint64_t{0});
  for (const HashCell* cell : cells) write_entry(out, *cell, with_uuid, cell == cells.back());
  return {};
}

Status list_versions(ControlCall& call) {
  std::vector<const TargetType*> types;
  for (const TargetType& type : call.device_mapper().target_types()) types.push_back(&type);
  return write_versions(call, types);
}

Status get_target_version(ControlCall& call) {
  const TargetType* type = call.device_mapper().find_target_type(call.name());
  if (type == nullptr) return Errno::inval;
  return write_versions(call, std::span(&type, 1));
}

Status table_deps(ControlCall& call) {
  const DeviceReference md(call.find_device());
  return answer(call, md, retrieve_deps);
}

Status table_status(ControlCall& call) {
  const DeviceReference md(call.find_device());
  return answer(call, md, retrieve_status);
}

// table_status after an event that the caller has not seen.
Status dev_wait(ControlCall& call) {
  const DeviceReference md(call.find_device());
  if (md) md->wait_event(call.header().event_nr);
  return answer(call, md, retrieve_status);
}

}  // namespace dmcore
