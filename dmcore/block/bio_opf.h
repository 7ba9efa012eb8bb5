// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dmcore/block/bio.h"

namespace dmcore {

// A bio's operation and flags as the number that they are in the kernel (bi_opf, include/linux/blk_types.h),
// for the few places where users give such numbers.
std::uint32_t bio_opf(const Bio& bio);

}  // namespace dmcore
