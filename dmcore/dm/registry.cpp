// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/dm/registry.h"

#include "dmcore/dm/dm.h"

namespace dmcore {

DeviceRegistry::DeviceRegistry(DeviceMapper& device_mapper)
    : device_mapper_(device_mapper),
      minor_lock_(device_mapper.runtime(), "dm minor_lock"),
      lock_(device_mapper.runtime(), "dm hash_lock"),
      deferred_remove_queue_(device_mapper.runtime(), "kdmremove", WorkQueue::Kind::ordered),
      deferred_remove_work_(device_mapper.runtime(), "deferred remove", [this] { remove_all(false, true); }) {
}

Result<std::uint32_t> DeviceRegistry::allocate_minor(std::optional<std::uint32_t> wanted) {
  constexpr std::uint32_t minors = 1U << minor_bits;
  SpinGuard guard(minor_lock_);
  std::uint32_t minor = wanted.value_or(0);
  if (!wanted) {
    for (const auto& [used, md] : minors_) {
      if (used != minor) break;
      ++minor;
    }
  }
  if (minor >= minors) return Errno::inval;
  if (!minors_.emplace(minor, nullptr).second) return Errno::busy;
  return minor;
}

Result<MappedDevice*> DeviceRegistry::create(std::optional<std::uint32_t> wanted) {
  const Result<std::uint32_t> minor = allocate_minor(wanted);
  // One error for all causes, as in the kernel.
  if (!minor.ok()) return Errno::nxio;
  auto md = std::make_unique<MappedDevice>(device_mapper_, DevT{DeviceMapper::major, *minor});
  MappedDevice* created = md.get();
  SpinGuard guard(minor_lock_);
  minors_[*minor] = std::move(md);
  return created;
}

MappedDevice* DeviceRegistry::get(DevT dev) {
  if (dev.major != DeviceMapper::major) return nullptr;
  SpinGuard guard(minor_lock_);
  const auto it = minors_.find(dev.minor);
  if (it == minors_.end() || it->second == nullptr) return nullptr;
  MappedDevice* md = it->second.get();
  if (md->freeing() || md->deleting()) return nullptr;
  md->get();
  return md;
}

void DeviceRegistry::destroy(MappedDevice& md) {
  md.destroy();
  const std::uint32_t minor = md.dev().minor;
  std::unique_ptr<MappedDevice> doomed;
  {
    const SpinGuard guard(minor_lock_);
    const auto it = minors_.find(minor);
    doomed = std::move(it->second);
    minors_.erase(it);
  }
  device_mapper_.layer().release(std::move(doomed));
}

HashCell* DeviceRegistry::by_name(std::string_view name) const {
  const auto it = names_.find(name);
  return it == names_.end() ? nullptr : it->second.get();
}

HashCell* DeviceRegistry::by_uuid(std::string_view uuid) const {
  const auto it = uuids_.find(uuid);
  return it == uuids_.end() ? nullptr : it->second;
}

Status DeviceRegistry::insert(std::string_view name, std::string_view uuid, MappedDevice& md) {
  WriteGuard guard(lock_);
  if (by_name(name) != nullptr || (!uuid.empty() && by_uuid(uuid) != nullptr)) return Errno::busy;
  auto cell = std::make_unique<HashCell>(HashCell{std::string(name), std::string(uuid), &md, nullptr});
  if (!uuid.empty()) uuids_.emplace(cell->uuid, cell.get());
  md.get();
  md.cell = cell.get();
  names_.emplace(cell->name, std::move(cell));
  return {};
}

std::unique_ptr<Table> DeviceRegistry::remove(HashCell& cell) {
  MappedDevice& md = *cell.md;
  const std::unique_ptr<HashCell> removed = std::move(names_.extract(cell.name).mapped());
  if (!removed->uuid.empty()) uuids_.erase(removed->uuid);
  md.cell = nullptr;
  {
    // Waiters for events find that the device is gone.
    const MappedDevice::LiveTable table(md);
    if (table) table->event();
  }
  md.put();
  return std::move(removed->inactive);
}

void DeviceRegistry::rename(HashCell& cell, std::string_view name) {
  Names::node_type node = names_.extract(cell.name);
  cell.name = name;
  node.key() = name;
  names_.insert(std::move(node));
}

void DeviceRegistry::set_uuid(HashCell& cell, std::string_view uuid) {
  cell.uuid = uuid;
  uuids_.emplace(cell.uuid, &cell);
}

// Removes the first device that can be removed. If there is none, returns the number of devices.
std::optional<unsigned> DeviceRegistry::remove_first(bool mark_deferred, bool only_deferred) {
  MappedDevice* md = nullptr;
  std::unique_ptr<Table> inactive;
  unsigned skipped = 0;
  {
    const WriteGuard guard(lock_);
    for (auto it = names_.begin(); it != names_.end(); ++it) {
      HashCell& cell = *it->second;
      if (!cell.md->lock_for_deletion(mark_deferred, only_deferred).ok()) {
        ++skipped;
        continue;
      }
      md = cell.md;
      md->get();
      inactive = remove(cell);
      break;
    }
  }
  if (md == nullptr) return skipped;
  md->discard_table(std::move(inactive));
  md->put();
  destroy(*md);
  return std::nullopt;
}

void DeviceRegistry::remove_all(bool mark_deferred, bool only_deferred) {
  std::optional<unsigned> left;
  while (!left) left = remove_first(mark_deferred, only_deferred);
  if (*left != 0 && !only_deferred) {
    device_mapper_.log().warn(control_log_prefix, "remove_all left {} open device(s)", *left);
  }
}

}  // namespace dmcore
