// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/libdm/node_directory.h"

namespace sim::libdm {

std::optional<std::uint64_t> NodeDirectory::find(std::string_view name) const {
  const auto it = nodes_.find(name);
  if (it == nodes_.end()) return std::nullopt;
  return it->second;
}

void NodeDirectory::add(std::string_view name, std::uint64_t device) {
  if (find(name) == device) return;
  names_.remove_if([name](const std::string& each) { return each == name; });
  names_.emplace_front(name);
  nodes_.insert_or_assign(std::string(name), device);
  tell(name, device);
}

void NodeDirectory::remove(std::string_view name) {
  const auto it = nodes_.find(name);
  if (it == nodes_.end()) return;
  names_.remove(it->first);
  nodes_.erase(it);
  tell(name, std::nullopt);
}

void NodeDirectory::rename(std::string_view from, std::string_view to) {
  const auto device = find(from);
  remove(to);
  if (!device) return;
  remove(from);
  add(to, *device);
}

}  // namespace sim::libdm
