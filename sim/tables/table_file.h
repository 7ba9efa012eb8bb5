// SPDX-License-Identifier: GPL-2.0-or-later
// The output of `dmsetup table`, read.
//
// Understood are: lines "NAME: START LENGTH TYPE ARGUMENTS" of several devices; lines without a name, which
// `dmsetup table NAME` prints; the blocks of `dmsetup table -v`; and the list of `dmsetup table --concise`,
// which also tells minor numbers, uuids and who is read-only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dmcore/block/block_device.h"

#include "sim/libdm/task.h"
#include "sim/tables/note.h"

namespace sim::tables {

// A line of a table. `target` is as dmsetup reads it.
struct TableLine {
  Place where;
  libdm::Target target;

  [[nodiscard]] dmcore::sector_t end() const { return target.start + target.length; }
};

// A mapped device of the real machine. Without lines it has no table.
struct TableDevice {
  std::string name;  // as dmsetup prints it
  Place where;
  std::vector<TableLine> lines;
  std::optional<std::uint32_t> major;
  std::optional<std::uint32_t> minor;
  std::string uuid;
  bool read_only = false;

  // In sectors.
  [[nodiscard]] dmcore::sector_t length() const { return lines.empty() ? 0 : lines.back().end(); }
};

struct TableFile {
  std::string name;
  std::vector<TableDevice> devices;  // in the order of the file; names are unique
  Notes notes;
};

// Reads everything that can be read; the notes say what cannot. `name` is the file's.
TableFile parse_tables(const std::string& name, std::string_view text);

// How the kernel knows a device that dmsetup shows as `name`; nothing if there can be no such name.
std::optional<std::string> mangled_name(const std::string& name);

}  // namespace sim::tables
