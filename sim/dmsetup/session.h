// SPDX-License-Identifier: GPL-2.0-or-later
// One run of dmsetup: what the real program keeps in global variables.
#pragma once

#include <fmt/core.h>
#include <string>
#include <string_view>
#include <utility>

#include "sim/dmsetup/display_options.h"
#include "sim/dmsetup/mangling.h"
#include "sim/dmsetup/node_operations.h"
#include "sim/dmsetup/options.h"
#include "sim/dmsetup/system.h"

namespace sim::dmsetup {

class Session {
 public:
  explicit Session(System& system_in)
      : system(system_in), node_operations(system_in, [this](std::string_view line) { debug("{}", line); }) {}

  // Standard output, as it is.
  template <class... Args>
  void print(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
  }

  // A line on standard error.
  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(err), format, std::forward<Args>(args)...);
    err += '\n';
  }

  // A line of libdevmapper's own log, which --verbose twice puts on standard output.
  template <class... Args>
  void debug(fmt::format_string<Args...> format, Args&&... args) {
    if (options.verbose < 2) return;
    fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
    out += '\n';
  }
  // What the log says where a function gives up because another one has. Returns false.
  bool backtrace() {
    debug("<backtrace>");
    return false;
  }

  // What the library finds where it first wants to wait for udev.
  void look_for_udev() {
    if (!udev_checked) debug("Udev is not running. Not using udev synchronisation code.");
    udev_checked = true;
  }

  // The rest of standard input, which is then at its end.
  std::string take_input() { return std::exchange(input, {}); }

  System& system;
  Options options;
  DisplayOptions display;
  std::string input;
  std::string out;
  std::string err;
  NodeOperations node_operations;
  Mangling mangling = Mangling::automatic;
  // The ioctl buffer grows for the rest of the run once it was too small.
  unsigned buffer_doublings = 0;
  bool concise_printed = false;  // table --concise: all on one line, ended at the end
  bool udev_checked = false;
  bool version_checked = false;
  bool version_ok = false;
};

}  // namespace sim::dmsetup
