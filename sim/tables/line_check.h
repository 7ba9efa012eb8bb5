// SPDX-License-Identifier: GPL-2.0-or-later
// Which lines of a refused table the kernel refuses, and in what words.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/tables/bring_up.h"

namespace sim::tables {

class LineChecker {
 public:
  // Both outlive this.
  LineChecker(const Stack& stack, const Builder::Options& options);

  // For a device that was refused on a machine with all the others. Each of its lines is loaded again, alone,
  // on a machine that has only what the device uses, so that problems of other lines do not matter. Not for
  // process context.
  [[nodiscard]] Notes why_refused(std::size_t device, const Creation& with_others) const;

 private:
  [[nodiscard]] Creation create_alone(std::size_t device, const StackLine* line) const;

  const Stack& stack_;
  const Builder::Options& options_;
  std::vector<std::size_t>
      positions_;  // of each device, in the order of creation; the highest: it is not there
};

}  // namespace sim::tables
