// SPDX-License-Identifier: GPL-2.0-or-later
// Which device of the real machine has which number: what its tables do not say.
//
// Understood are the outputs of `dmsetup ls` (also --tree), `dmsetup info`, `dmsetup info -c` with any
// columns that include the name and the numbers, `dmsetup table --concise` and `-v`, `lsblk` (plain, -b, -l,
// -r, -P, with any columns that include NAME and MAJ:MIN), /proc/partitions, and `ls -l /dev/mapper`. Several
// may follow each other in one text.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dmcore/block/block_device.h"

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

// Finds the devices of a list; of several that match, the first.
class ListIndex {
 public:
  // The list must outlive this.
  explicit ListIndex(const DeviceList& list);
  // Null if there is none. A device without a major number has `dm_major`.
  [[nodiscard]] const ListedDevice* find(dmcore::DevT number, std::uint32_t dm_major) const;
  [[nodiscard]] const ListedDevice* find(const std::string& name) const;
  [[nodiscard]] const std::vector<ListedDevice>& devices() const { return list_.devices; }

 private:
  const DeviceList& list_;
  std::map<std::pair<std::optional<std::uint32_t>, std::uint32_t>, std::size_t> by_number_;
  std::map<std::string, std::size_t> by_name_;
};

DeviceList parse_device_list(const std::string& name, std::string_view text);

}  // namespace sim::tables
