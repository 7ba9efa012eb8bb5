// SPDX-License-Identifier: GPL-2.0-or-later
// The files of /sys/block/X/queue.
#pragma once

#include <string>
#include <string_view>

#include "dmcore/block/block_device.h"

namespace dmcore {

// The content of /sys/block/X/queue/`name`, without the newline: "4096" for minimum_io_size. Also for
// "../size" and "../ro". ENOENT if the device has no such file, EINVAL if it cannot be read. Any context.
Result<std::string> sysfs_attribute(const BlockDevice& device, std::string_view name);

// A device's read-ahead in sectors: as it was set, or as its limits give it (disk_update_readahead()).
std::uint32_t read_ahead(const BlockDevice& device);

}  // namespace dmcore
