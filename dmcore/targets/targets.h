// SPDX-License-Identifier: GPL-2.0-or-later
// The standard targets. Each is one file, with the same parts in the same order: the class, ctr() and dtr(),
// map() and end_io(), status() and message(), and the TargetType.
#pragma once

#include <array>

#include "dmcore/dm/target.h"

namespace dmcore {

TargetType error_target_type();    // fails all I/O
TargetType linear_target_type();   // a range of a device
TargetType striped_target_type();  // RAID 0
TargetType delay_target_type();    // a slow device
TargetType dust_target_type();     // a device with bad blocks
TargetType flakey_target_type();   // a device that fails from time to time
TargetType zero_target_type();     // /dev/zero

// In the order in which the kernel registers them.
inline constexpr std::array standard_target_types{error_target_type, linear_target_type, striped_target_type,
                                                  delay_target_type, dust_target_type,   flakey_target_type,
                                                  zero_target_type};

}  // namespace dmcore
