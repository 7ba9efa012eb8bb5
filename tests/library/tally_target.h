// SPDX-License-Identifier: GPL-2.0-or-later
// A target that passes bios on to a device and counts their sectors.
#pragma once

#include "dmcore/dm/target.h"

// The type, to be registered with a machine: "START LENGTH tally DEVICE".
dmcore::TargetType tally_target_type();
