// SPDX-License-Identifier: GPL-2.0-or-later
// Changes to /dev/mapper that wait until the ioctls are done.
//
// libdevmapper does not touch the nodes while devices may be suspended. It collects what has to be done and
// does it when it waits for udev (which here means at once) and at the program's end.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <utility>

#include "sim/libdm/system.h"

namespace sim::libdm {

// The read-ahead that a device is to have.
struct ReadAhead {
  bool automatic = true;  // leave it to the kernel
  bool minimum = false;   // only if it is less now
  std::uint32_t sectors = 0;
};

class NodeOperations {
 public:
  using Log = std::function<void(std::string_view line)>;
  NodeOperations(System& system, Log log) : system_(system), log_(std::move(log)) {}

  void add(std::string_view name, std::uint64_t device);
  // Forgets what was to be done to that node.
  void remove(std::string_view name);
  void rename(std::string_view from, std::string_view to);
  void set_read_ahead(std::string_view name, std::uint64_t device, const ReadAhead& wanted);

  // Does all that was collected, in order.
  void apply();

 private:
  enum class Kind { add, remove, rename, read_ahead };
  struct Operation {
    Kind kind;
    std::string name;
    std::string old_name;
    std::uint64_t device = 0;
    ReadAhead read_ahead;
  };

  void forget(std::string_view name);
  void stack(Operation operation);
  void log(std::string_view action, const Operation& operation) const;
  void perform(const Operation& operation);
  void change_read_ahead(const Operation& operation);

  System& system_;
  Log log_;
  std::list<Operation> pending_;
};

}  // namespace sim::libdm
