// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dmcore/block/bio.h"

namespace dmcore {

// A bio's operation and flags as the kernel encodes them (bi_opf, include/linux/blk_types.h), for arguments
// in which users give such numbers.
std::uint32_t bio_opf(const Bio& bio);

}  // namespace dmcore
