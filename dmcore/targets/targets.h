// SPDX-License-Identifier: GPL-2.0-or-later
// The targets that device-mapper comes with. Each is one file, made of the same parts in the same order: the
// class with its arguments as members, ctr() and dtr(), map() and end_io(), status() and message(), and last
// the TargetType.
#pragma once

#include <array>

#include "dmcore/dm/target.h"

namespace dmcore {

TargetType error_target_type();    // fails everything
TargetType linear_target_type();   // a range of a device
TargetType striped_target_type();  // RAID 0
TargetType delay_target_type();    // a device that is slow
TargetType dust_target_type();     // a device with bad blocks
TargetType flakey_target_type();   // a device that fails now and then
TargetType zero_target_type();     // /dev/zero

// All of them, in the order in which a kernel registers them.
inline constexpr std::array standard_target_types{error_target_type, linear_target_type, striped_target_type,
                                                  delay_target_type, dust_target_type,   flakey_target_type,
                                                  zero_target_type};

}  // namespace dmcore
