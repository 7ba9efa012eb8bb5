// SPDX-License-Identifier: GPL-2.0-or-later
// The files of /sys/block/X/queue.
#pragma once

#include <string>
#include <string_view>

#include "dmcore/block/block_device.h"

namespace dmcore {

// What reading /sys/block/X/queue/`name` gives, without the newline: "4096" for minimum_io_size. Knows
// "../size" and "../ro", too. ENOENT if there is no such file for the device, EINVAL where the file cannot be
// read. Any context.
Result<std::string> sysfs_attribute(const BlockDevice& device, std::string_view name);

// A device's read-ahead, in sectors: what it was set to, or what its limits give (disk_update_readahead()).
std::uint32_t read_ahead(const BlockDevice& device);

}  // namespace dmcore
