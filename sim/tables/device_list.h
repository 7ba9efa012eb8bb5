// SPDX-License-Identifier: GPL-2.0-or-later
// Which device of the real machine has which number: what its tables do not say.
//
// Understood are the outputs of `dmsetup ls` (also --tree), `dmsetup info`, `dmsetup info -c` with any
// columns that include the name and the numbers, `dmsetup table --concise` and `-v`, `lsblk` (plain, -b, -l,
// -r, -P, with any columns that include NAME and MAJ:MIN), /proc/partitions, and `ls -l /dev/mapper`. Several
// may follow each other in one text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dmcore/kernel/types.h"

#include "sim/tables/note.h"

namespace sim::tables {

struct ListedDevice {
  std::string name;
  Place where;
  std::optional<std::uint32_t> major;  // missing: device-mapper's, whatever it is
  std::uint32_t minor = 0;
  std::optional<dmcore::sector_t> sectors;
  bool rounded = false;  // the size was printed for people: "931.5G"
  bool mapped = false;   // it is known to be a mapped device
  bool read_only = false;
  bool inactive_table = false;  // a second table is loaded and waits for a resume
};

struct DeviceList {
  std::vector<ListedDevice> devices;
  Notes notes;
};

DeviceList parse_device_list(const std::string& name, std::string_view text);

}  // namespace sim::tables
