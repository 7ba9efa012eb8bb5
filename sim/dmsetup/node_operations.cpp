// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/dmsetup/node_operations.h"

#include <utility>

namespace sim::dmsetup {

void NodeOperations::add(std::string_view name, std::uint64_t device) {
  // A removal that has not happened yet is called off; there is at most one.
  for (auto it = pending_.begin(); it != pending_.end(); ++it) {
    if (it->kind == Kind::remove && it->name == name) {
      pending_.erase(it);
      break;
    }
  }
  pending_.push_back(
      {.kind = Kind::add, .name = std::string(name), .old_name = {}, .device = device, .read_ahead = {}});
}

void NodeOperations::remove(std::string_view name) {
  pending_.remove_if([&](const Operation& op) { return op.name == name; });
  pending_.push_back(
      {.kind = Kind::remove, .name = std::string(name), .old_name = {}, .device = 0, .read_ahead = {}});
}

void NodeOperations::rename(std::string_view from, std::string_view to) {
  pending_.remove_if([&](const Operation& op) { return op.name == from; });
  pending_.push_back({.kind = Kind::rename,
                      .name = std::string(to),
                      .old_name = std::string(from),
                      .device = 0,
                      .read_ahead = {}});
}

void NodeOperations::set_read_ahead(std::string_view name, std::uint64_t device, const ReadAhead& wanted) {
  if (wanted.automatic) return;
  pending_.push_back({.kind = Kind::read_ahead,
                      .name = std::string(name),
                      .old_name = {},
                      .device = device,
                      .read_ahead = wanted});
}

void NodeOperations::apply() {
  const std::list<Operation> operations = std::exchange(pending_, {});
  NodeDirectory& nodes = system_.nodes();
  for (const Operation& op : operations) {
    switch (op.kind) {
      case Kind::add:
        nodes.add(op.name, op.device);
        break;
      case Kind::remove:
        nodes.remove(op.name);
        break;
      case Kind::rename:
        nodes.rename(op.old_name, op.name);
        break;
      case Kind::read_ahead:
        change_read_ahead(op);
        break;
    }
  }
}

void NodeOperations::change_read_ahead(const Operation& operation) {
  if (operation.read_ahead.minimum) {
    const auto now = system_.read_ahead(operation.device);
    if (!now || *now >= operation.read_ahead.sectors) return;
  }
  // The file counts in KiB, so odd numbers of sectors are rounded up; the kernel then counts in pages and
  // rounds down.
  constexpr std::uint32_t sectors_in_page = 8;
  const std::uint32_t rounded_up = (operation.read_ahead.sectors + 1) / 2 * 2;
  (void)system_.set_read_ahead(operation.device, rounded_up / sectors_in_page * sectors_in_page);
}

}  // namespace sim::dmsetup
