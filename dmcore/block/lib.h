// SPDX-License-Identifier: GPL-2.0-or-later
// Synchronous operations on a block device. Process context; all of them sleep.
#pragma once

#include <span>

#include "dmcore/block/block_layer.h"

namespace dmcore {

// submit_bio_wait(): submits a bio and waits for it. Uses its end_io and owner.
Status submit_bio_wait(Bio& bio);

// Reads or writes whole sectors as one bio. `flags` are BioFlags.
Status read_sectors(BlockDevice& device, sector_t sector, std::span<std::byte> buffer,
                    std::uint16_t flags = 0);
Status write_sectors(BlockDevice& device, sector_t sector, std::span<const std::byte> data,
                     std::uint16_t flags = 0);

// blkdev_issue_flush(): an empty write with bio_preflush.
Status issue_flush(BlockDevice& device);

// blkdev_issue_discard(): in bios of maximal length, all but the first aligned to the discard granularity.
// EPERM on a read-only device, EOPNOTSUPP if the device cannot discard, EINVAL for no sectors or partial
// logical blocks.
Status issue_discard(BlockDevice& device, sector_t sector, sector_t count);

}  // namespace dmcore
