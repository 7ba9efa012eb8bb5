// SPDX-License-Identifier: GPL-2.0-or-later
// Linear targets with mistakes that only a power cut shows.
#pragma once

#include "sim/machine/machine.h"

namespace test {

// "forgets-flushes DEVICE START": completes flushes without passing them on.
// "forgets-fua DEVICE START": passes FUA writes on as plain ones.
// "fears-letters DEVICE START": reads its first sector when it is made, and refuses if there is something.
void register_forgetful_targets(sim::Machine& machine);

}  // namespace test
