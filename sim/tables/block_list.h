// SPDX-License-Identifier: GPL-2.0-or-later
// Block devices as lsblk and /proc/partitions list them, line by line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/tables/device_list.h"

namespace sim::tables {

// The headings of a list in columns.
struct Columns {
  std::vector<std::string> headings;
  // Which column it is, from 0.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view heading) const;
};

// A line of lsblk -P: NAME="sda" MAJ:MIN="8:0" SIZE="512".
std::optional<ListedDevice> lsblk_pairs(std::string_view line);
// A line of lsblk's other forms.
std::optional<ListedDevice> lsblk_row(std::string_view line, const Columns& columns);
// Below a device with several mount points lsblk prints the others alone.
bool is_further_mount_point(std::string_view line);
// A line of /proc/partitions.
std::optional<ListedDevice> partition_row(std::string_view line);

// A size in bytes, or as lsblk prints it for people, "931.5G", which sets `rounded`. In sectors.
std::optional<dmcore::sector_t> printed_size(std::string_view text, bool& rounded);
// A name without the lines of the tree that lsblk or dmsetup draws before it, in ASCII or in other letters.
std::string_view without_branches(std::string_view text);

}  // namespace sim::tables
