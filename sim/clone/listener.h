// SPDX-License-Identifier: GPL-2.0-or-later
// Reports of a clone while it is made.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dmcore/kernel/types.h"

#include "sim/language/ast.h"

namespace sim::clone {

struct Progress {
  std::uint64_t hydrated = 0;   // regions
  std::uint64_t regions = 0;    // all of them
  std::uint64_t hydrating = 0;  // regions that are being copied
  std::uint64_t reads = 0;      // commands of the workload
  std::uint64_t writes = 0;
  dmcore::Time now{0};  // of the machine
};

// None of these may use the machine.
class Listener {
 public:
  virtual ~Listener() = default;
  // The clone device is there, with this table.
  virtual void begun(const std::string& table, const Progress& progress) = 0;
  // Now and then, up to some hundred times.
  virtual void progress(const Progress& progress) = 0;
  // What a command of the workload printed, if it printed anything.
  virtual void output(const language::Command& command, const std::vector<std::string>& lines) = 0;
  // Whether the clone is to end before it is complete.
  [[nodiscard]] virtual bool interrupted() = 0;
};

}  // namespace sim::clone
