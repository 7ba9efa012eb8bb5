// SPDX-License-Identifier: GPL-2.0-or-later
// Who has to be made before whom.
#pragma once

#include <vector>

#include "sim/tables/stack.h"

namespace sim::tables {

struct Order {
  std::vector<std::size_t> devices;  // each after those it stands on, else as in the file
  std::vector<bool> circular;        // of each device: it stands on itself, and is not in `devices`
  Notes notes;                       // about circles
};

Order creation_order(const Stack& stack);

}  // namespace sim::tables
