// SPDX-License-Identifier: GPL-2.0-or-later
// A file of tables, understood: which devices use which, and which disks they need.
//
// Lines with targets that dmsim does not have are replaced here by linear ones, so that what is above their
// device can be created: on the device where the data are, for targets that keep them one to one, else on a
// disk of the line's length.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dmcore/block/block_device.h"

#include "dmclone/dialect.h"

#include "sim/tables/device_list.h"
#include "sim/tables/references.h"
#include "sim/tables/table_file.h"

namespace sim::tables {

struct StackOptions {
  std::optional<std::uint32_t> dm_major;                      // device-mapper's major number there
  std::vector<std::pair<dmcore::DevT, std::string>> said;     // these numbers are those mapped devices
  bool leave_out = false;                                     // nothing stands in for anything
  const dmclone::Dialect* dialect = &dmclone::linux_dialect;  // of clone targets; never null
};

// What a word of a table means.
struct Referent {
  enum class Kind : std::uint8_t { nothing, device, disk };
  Kind kind = Kind::nothing;
  std::size_t index = 0;  // of Stack::devices or Stack::disks

  bool operator==(const Referent&) const = default;
};

// A device that a line uses.
struct UsedDevice {
  Reference reference;
  Referent referent;
};

struct StackLine {
  Place where;
  libdm::Target given;   // as in the file
  libdm::Target target;  // what is loaded: the same, or what replaces it
  std::vector<UsedDevice> uses;
};

// A mapped device of the real machine. Without lines it has no table.
struct StackDevice {
  std::string name;  // as dmsetup prints it
  Place where;
  std::vector<StackLine> lines;
  std::optional<std::uint32_t> major;  // there
  std::optional<std::uint32_t> minor;
  std::string uuid;
  bool read_only = false;
  bool left_out = false;  // not to be created

  // In sectors.
  [[nodiscard]] dmcore::sector_t length() const;
};

struct NeededDisk {
  std::string name;                    // unique, and fit for the scenario language
  std::optional<dmcore::DevT> number;  // on the real machine
  dmcore::sector_t sectors = 0;
  bool read_only = false;
  bool stand_in = false;  // there is no such disk on the real machine
};

struct Stack {
  std::string file_name;
  std::vector<StackDevice> devices;  // in the order of the file; names are unique
  std::vector<NeededDisk> disks;
  std::uint32_t dm_major = 0;  // on the real machine
  const dmclone::Dialect* dialect = &dmclone::linux_dialect;
  Notes notes;  // the file's and the list's among them

  // The device or disk; empty for Kind::nothing.
  [[nodiscard]] std::string name_of(const Referent& referent) const;
};

Stack understand(const TableFile& file, const DeviceList& list, const StackOptions& options);

}  // namespace sim::tables
