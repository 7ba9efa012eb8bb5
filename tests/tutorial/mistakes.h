// SPDX-License-Identifier: GPL-2.0-or-later
// Turnstiles with one mistake each, for the machine to find.
#pragma once

#include <vector>

#include "dmcore/dm/target.h"

namespace tutorial {

// "bad-sleeps", "bad-loses", "bad-hangs", "bad-inverts", "bad-races".
std::vector<dmcore::TargetType> mistaken_target_types();

}  // namespace tutorial
