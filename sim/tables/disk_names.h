// SPDX-License-Identifier: GPL-2.0-or-later
// What the disks are called that tables mention by number or path.
#pragma once

#include <string>
#include <string_view>

#include "dmcore/block/block_device.h"

namespace sim::tables {

// As Linux names such devices: 8:17 is sdb1, 7:3 loop3, 9:0 md0. What has no fixed name is "disk-259-3".
std::string disk_name(dmcore::DevT number);

// A text as the name of a disk: what a device node's name cannot hold, or what would have to be quoted in a
// table, becomes an underscore.
std::string fit_for_disk(std::string_view text);

// Of /dev/VG/LV and /dev/mapper/NAME: the name that device-mapper knows the device by. Of other paths in
// /dev: the path behind it. Empty if it is no path in /dev.
std::string name_in_path(std::string_view path);

}  // namespace sim::tables
