// SPDX-License-Identifier: GPL-2.0-or-later
// A file of tables, understood: which devices stand on which, and which disks they need.
//
// Lines with targets that dmsim does not have are replaced here by linear ones, so that what stands on their
// device comes up: on the device where the data are, for targets that keep them one to one, else on a disk of
// the line's length.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dmcore/block/block_device.h"

#include "sim/tables/device_list.h"
#include "sim/tables/references.h"
#include "sim/tables/table_file.h"

namespace sim::tables {

struct StackOptions {
  std::optional<std::uint32_t> dm_major;                   // device-mapper's major number there
  std::vector<std::pair<dmcore::DevT, std::string>> said;  // these numbers are those mapped devices
  bool leave_out = false;                                  // nothing stands in for anything
};

// What a word of a table means.
struct Referent {
  enum class Kind : std::uint8_t { nothing, device, disk };
  Kind kind = Kind::nothing;
  std::size_t index = 0;  // of Stack::file.devices or Stack::disks
};

struct NeededDisk {
  std::string name;                    // unique, and fit for the scenario language
  std::optional<dmcore::DevT> number;  // on the real machine
  dmcore::sector_t sectors = 0;
  bool read_only = false;
  bool stand_in = false;  // there is no such disk on the real machine
};

struct UsedWord {
  Reference reference;
  Referent referent;
};

struct Stack {
  TableFile file;  // with replaced lines
  std::vector<NeededDisk> disks;
  std::vector<std::vector<std::vector<UsedWord>>> words;  // of each device, of each line
  std::vector<bool> left_out;                             // of each device
  std::vector<std::optional<std::uint32_t>> minors;       // of each device
  std::uint32_t dm_major = 0;
  Notes notes;  // the file's and the list's among them
};

Stack understand(TableFile file, const DeviceList& list, const StackOptions& options);

}  // namespace sim::tables
