// SPDX-License-Identifier: GPL-2.0-or-later
// Many machines have explored parts: what that comes to.
#pragma once

#include <string>
#include <vector>

#include "sim/cli/exit_status.h"
#include "sim/cli/output.h"

namespace sim::cli {

struct MergeOptions {
  bool json = false;
  std::string junit;  // a file; empty: none
};
// Prints what an exploration by one machine would have printed at its end, with its certificate if the
// results are of all parts and all hold; and which parts are missing. Throws Mistake if they do not belong
// together.
ExitStatus merge_explorations(const std::vector<std::string>& results, const MergeOptions& options,
                              Console& console);

}  // namespace sim::cli
