// SPDX-License-Identifier: GPL-2.0-or-later
// What -o means for commands that print no report: how deps and ls name devices, and how ls --tree draws.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

#include "sim/dmsetup/options.h"

namespace sim::dmsetup {

enum class DeviceNameKind : std::uint8_t {
  number,  // devno: major and minor
  kernel,  // blkdevname: dm-0
  mapped   // devname: the name of a mapped device, else as kernel
};

struct TreeOptions {
  enum class Symbols : std::uint8_t { ascii, utf, vt100 };
  Symbols symbols = Symbols::ascii;
  bool device = true;
  bool kernel_name = false;
  bool active = false;
  bool open_count = false;
  bool uuid = false;
  bool rw = false;
  bool targets = false;  // accepted, draws nothing
  bool inverted = false;
  bool compact = false;
  bool truncate = true;
};

struct DisplayOptions {
  DeviceNameKind names = DeviceNameKind::number;
  TreeOptions tree;
};

// `columns`: the command prints a report, whose fields -o lists. A word that is not known is an error: the
// message. Words may be abbreviated.
tl::expected<DisplayOptions, std::string> parse_display_options(const Options& options, bool columns);

}  // namespace sim::dmsetup
