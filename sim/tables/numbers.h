// SPDX-License-Identifier: GPL-2.0-or-later
// Device-mapper's major number on the real machine, and the minor numbers of the stack's devices there.
#pragma once

#include <map>
#include <vector>

#include "sim/tables/mentions.h"
#include "sim/tables/stack.h"

namespace sim::tables {

using DevicesByMinor = std::map<std::uint32_t, std::size_t>;

// Sets Stack::dm_major and StackDevice::minor, as far as they are known or can be inferred; adds a note for
// each guess. `mentions` are the stack's.
DevicesByMinor find_numbers(Stack& stack, const std::vector<Mention>& mentions, const DeviceNames& names,
                            const ListIndex& list, const StackOptions& options);

}  // namespace sim::tables
