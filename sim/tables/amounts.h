// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers for people.
#pragma once

#include <string>

#include "dmcore/kernel/types.h"

namespace sim::tables {

// In the largest unit that the number is not smaller than, with at most two decimals: "512 bytes", "4 KiB",
// "1.5 GiB". It is rounded down, with "about" before it, if that is not exact.
std::string amount(dmcore::sector_t sectors);
// "72 sectors (36 KiB)".
std::string sectors_and_amount(dmcore::sector_t sectors);

}  // namespace sim::tables
