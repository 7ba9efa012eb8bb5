// SPDX-License-Identifier: GPL-2.0-or-later
// The directory /dev/mapper: device nodes by name.
//
// Only libdevmapper maintains it (there is no udev here), so it can differ from the kernel's list of devices,
// as on a real machine without udev: a device that is removed later (deferred removal) leaves its node
// behind, and a device whose table was never resumed has no node yet. Opening a node opens the device that
// has its number now.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sim::libdm {

class NodeDirectory {
 public:
  using Nodes = std::map<std::string, std::uint64_t, std::less<>>;
  // Called after each change with the name and its device, or nothing if the node was removed.
  using Listener = std::function<void(std::string_view name, std::optional<std::uint64_t> device)>;

  NodeDirectory() = default;
  explicit NodeDirectory(Listener listener) : listener_(std::move(listener)) {}

  // The device number behind a name, in the form of dmcore::ioctl::encode_device().
  [[nodiscard]] std::optional<std::uint64_t> find(std::string_view name) const;
  // Makes or replaces a node.
  void add(std::string_view name, std::uint64_t device);
  void remove(std::string_view name);
  // Moves a node onto a name, whether that exists or not; does nothing if there is no node `from`, except
  // that `to` is gone then too.
  void rename(std::string_view from, std::string_view to);
  [[nodiscard]] const Nodes& nodes() const { return nodes_; }
  // The names in the order in which the directory lists them: the newest first.
  [[nodiscard]] const std::list<std::string>& names() const { return names_; }

 private:
  void tell(std::string_view name, std::optional<std::uint64_t> device) const {
    if (listener_) listener_(name, device);
  }

  Listener listener_;
  Nodes nodes_;
  std::list<std::string> names_;
};

}  // namespace sim::libdm
