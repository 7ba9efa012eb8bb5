// SPDX-License-Identifier: GPL-2.0-or-later
// Names of tasks that do not depend on the schedule, nor on what unrelated tasks do.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dmcore/kernel/runtime.h"

namespace sim {

// The lineages of one run, so that they can be printed.
class Lineages {
 public:
  // The `number`-th child of that name, from 1 on. 0 is the parent of what is started from outside of all
  // tasks.
  dmcore::Lineage child(dmcore::Lineage parent, std::string_view name, std::uint32_t number);
  // "main > write > disk I/O #2": the names from the first ancestor on, with numbers above 1. Those in the
  // middle of a long one, such as that of a timer which arms itself again and again, are left out: "[12
  // more]". "?" for a lineage that is none of this run.
  [[nodiscard]] std::string text(dmcore::Lineage lineage) const;

 private:
  struct Node {
    dmcore::Lineage parent;
    std::uint64_t name;
    std::uint32_t number;
  };
  // Never iterated: what a run does must not depend on their order.
  std::unordered_map<std::uint64_t, std::string> names_;
  std::unordered_map<dmcore::Lineage, Node> nodes_;
};

// Who a task is at the moment, and what it has done as such.
struct Identity {
  dmcore::Lineage lineage = 0;
  std::uint32_t steps = 0;
  // By name, how many children it has had.
  std::vector<std::pair<std::string, std::uint32_t>> children;

  std::uint32_t next_child(std::string_view name);
};

}  // namespace sim
