// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/fuzz/fuzz_target.h"

namespace fuzz {

std::vector<Target> targets() {
  return {scenario_target(), table_target(), control_target(), metadata_target(), schedule_target()};
}

}  // namespace fuzz
