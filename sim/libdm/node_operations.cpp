// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/libdm/node_operations.h"

#include <algorithm>
#include <fmt/core.h>
#include <utility>

#include "dmcore/dm/ioctl_format.h"

namespace sim::libdm {

namespace io = dmcore::ioctl;

void NodeOperations::add(std::string_view name, std::uint64_t device) {
  // A removal that has not happened yet is called off; there is at most one.
  const auto removal = std::find_if(pending_.begin(), pending_.end(), [name](const Operation& op) {
    return op.kind == Kind::remove && op.name == name;
  });
  if (removal != pending_.end()) {
    log("Unstacking", *removal);
    pending_.erase(removal);
  }
  stack({.kind = Kind::add, .name = std::string(name), .old_name = {}, .device = device, .read_ahead = {}});
}

void NodeOperations::forget(std::string_view name) {
  pending_.remove_if([&](const Operation& op) {
    if (op.name != name) return false;
    log("Unstacking", op);
    return true;
  });
}

void NodeOperations::remove(std::string_view name) {
  forget(name);
  stack({.kind = Kind::remove, .name = std::string(name), .old_name = {}, .device = 0, .read_ahead = {}});
}

void NodeOperations::rename(std::string_view from, std::string_view to) {
  forget(from);
  stack({.kind = Kind::rename,
         .name = std::string(to),
         .old_name = std::string(from),
         .device = 0,
         .read_ahead = {}});
}

void NodeOperations::set_read_ahead(std::string_view name, std::uint64_t device, const ReadAhead& wanted) {
  if (wanted.automatic) return;
  stack({.kind = Kind::read_ahead,
         .name = std::string(name),
         .old_name = {},
         .device = device,
         .read_ahead = wanted});
}

void NodeOperations::stack(Operation operation) {
  log("Stacking", operation);
  pending_.push_back(std::move(operation));
}

void NodeOperations::log(std::string_view action, const Operation& op) const {
  switch (op.kind) {
    case Kind::add:
      // Owner, group and mode are those that Debian builds the library with.
      return log_(fmt::format("{}: {} NODE_ADD ({},{}) 0:6 0660", op.name, action,
                              io::device_major(op.device), io::device_minor(op.device)));
    case Kind::remove:
      return log_(fmt::format("{}: {} NODE_DEL", op.name, action));
    case Kind::rename:
      return log_(fmt::format("{}: {} NODE_RENAME to {}", op.old_name, action, op.name));
    case Kind::read_ahead:
      return log_(fmt::format("{}: {} NODE_READ_AHEAD {} (flags={})", op.name, action, op.read_ahead.sectors,
                              op.read_ahead.minimum ? 1 : 0));
  }
}

void NodeOperations::apply() {
  const std::list<Operation> operations = std::exchange(pending_, {});
  for (const Operation& op : operations) {
    log("Processing", op);
    perform(op);
  }
}

void NodeOperations::perform(const Operation& op) {
  NodeDirectory& nodes = system_.nodes();
  const auto before = nodes.find(op.name);
  switch (op.kind) {
    case Kind::add:
      nodes.add(op.name, op.device);
      if (before != op.device) log_(fmt::format("Created /dev/mapper/{}", op.name));
      break;
    case Kind::remove:
      nodes.remove(op.name);
      if (before) log_(fmt::format("Removed /dev/mapper/{}", op.name));
      break;
    case Kind::rename:
      nodes.rename(op.old_name, op.name);
      log_(fmt::format("Renamed /dev/mapper/{} to /dev/mapper/{}", op.old_name, op.name));
      break;
    case Kind::read_ahead:
      change_read_ahead(op);
      break;
  }
}

void NodeOperations::change_read_ahead(const Operation& operation) {
  const std::uint32_t wanted = operation.read_ahead.sectors;
  const std::string device = fmt::format("{} ({}:{})", operation.name, io::device_major(operation.device),
                                         io::device_minor(operation.device));
  if (operation.read_ahead.minimum) {
    const auto now = system_.read_ahead(operation.device);
    if (!now) return;
    log_(fmt::format("{}: read ahead is {}", device, *now));
    if (*now >= wanted) {
      log_(fmt::format("{}: retaining kernel read ahead of {} (requested {})", operation.name, *now, wanted));
      return;
    }
  }
  log_(fmt::format("{}: Setting read ahead to {}", device, wanted));
  // The file counts in KiB, so odd numbers of sectors are rounded up; the kernel then counts in pages and
  // rounds down.
  constexpr std::uint32_t sectors_in_page = 8;
  const std::uint32_t rounded_up = (wanted + 1) / 2 * 2;
  (void)system_.set_read_ahead(operation.device, rounded_up / sectors_in_page * sectors_in_page);
}

}  // namespace sim::libdm
