// SPDX-License-Identifier: GPL-2.0-or-later
// `dmsetup table --concise`: NAME,UUID,MINOR,FLAGS[,TABLE LINE...];...
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/tables/note.h"
#include "sim/tables/text.h"

namespace sim::tables {

struct ConciseDevice {
  std::string name;
  std::string uuid;
  std::optional<std::uint32_t> minor;
  bool read_only = false;
  std::vector<std::string> lines;  // of its table
};

// Whether a line that is none of a table looks like such a list.
bool is_concise(std::string_view line);
// Reads all devices that can be read; the others are noted.
std::vector<ConciseDevice> read_concise(std::string_view line, const Place& where, const Quotes& quotes,
                                        Notes& notes);

}  // namespace sim::tables
