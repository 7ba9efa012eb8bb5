// SPDX-License-Identifier: GPL-2.0-or-later
// Which devices have to be created before which.
#pragma once

#include <vector>

#include "sim/tables/stack.h"

namespace sim::tables {

struct Order {
  std::vector<std::size_t> devices;  // each after those that it uses, else as in the file
  Notes notes;                       // on devices that use themselves, which are not in `devices`
};

Order creation_order(const Stack& stack);

// All devices that this one uses, and those that they use, in any order; not itself.
std::vector<std::size_t> devices_below(const Stack& stack, std::size_t device);

}  // namespace sim::tables
