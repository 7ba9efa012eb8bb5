// SPDX-License-Identifier: GPL-2.0-or-later
// The mapped devices of a machine, and what is below them.
#pragma once

#include <set>
#include <string_view>

#include "sim/explore/recovery.h"
#include "sim/host/host.h"

namespace sim::explore {

// All that have a live table with targets, without Device::clones. Process context.
Devices mapped_devices(host::Host& host);

// All that the device uses, down to the disks.
std::set<dmcore::DevT> all_below(const Devices& devices, const Device& device);

// Whether what the target acknowledges as written may be lost.
bool loses_writes(const host::Target& target);
// The type of such a target that may get what is written to the device. Empty if there is none.
std::string_view target_that_loses(const Devices& devices, const Device& device);

}  // namespace sim::explore
