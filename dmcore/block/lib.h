// SPDX-License-Identifier: GPL-2.0-or-later
// Whole operations on a block device, each waited for. Process context; all of them sleep.
#pragma once

#include <span>

#include "dmcore/block/block_layer.h"

namespace dmcore {

// Sends a bio and waits for it (submit_bio_wait). Uses the bio's end_io and owner.
Status submit_bio_wait(Bio& bio);

// Reads or writes whole sectors as one bio. `flags` are BioFlags.
Status read_sectors(BlockDevice& device, sector_t sector, std::span<std::byte> buffer,
                    std::uint16_t flags = 0);
Status write_sectors(BlockDevice& device, sector_t sector, std::span<const std::byte> data,
                     std::uint16_t flags = 0);

// blkdev_issue_flush(): an empty write with PREFLUSH.
Status issue_flush(BlockDevice& device);

// blkdev_issue_discard(): in bios as large as a bio can be, later ones beginning on the discard granularity.
// EPERM on a read-only device, EOPNOTSUPP if the device cannot discard, EINVAL for nothing or half blocks.
Status issue_discard(BlockDevice& device, sector_t sector, sector_t count);

// blkdev_issue_write_zeroes with a fall-back to writing zeroes (blkdev_issue_zeroout).
Status issue_zeroout(BlockDevice& device, sector_t sector, sector_t count);

}  // namespace dmcore
