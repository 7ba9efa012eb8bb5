// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers for people.
#pragma once

#include <string>

#include "dmcore/kernel/types.h"

namespace sim::tables {

// So many sectors in the largest unit that needs no more than two decimals to be exact: "512 bytes", "4 KiB",
// "1.5 GiB"; with "about" before it if there is none.
std::string amount(dmcore::sector_t sectors);

}  // namespace sim::tables
