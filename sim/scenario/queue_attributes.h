// SPDX-License-Identifier: GPL-2.0-or-later
// The files of /sys/block/DEVICE/queue (Linux: block/blk-sysfs.c).
#pragma once

#include <string>
#include <string_view>

#include "dmcore/block/block_device.h"

namespace sim::scenario {

// What reading the attribute gives, without the newline. "../size" and "../ro" are known, too. ENOENT if
// there is no such file; some files that are there give other errors.
dmcore::Result<std::string> queue_attribute(const dmcore::BlockDevice& device, std::string_view name);

// The read-ahead that Linux derives from a device's limits, in sectors (disk_update_readahead()).
std::uint32_t default_read_ahead(const dmcore::QueueLimits& limits);

}  // namespace sim::scenario
