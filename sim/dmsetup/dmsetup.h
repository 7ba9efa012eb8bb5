// SPDX-License-Identifier: GPL-2.0-or-later
// dmsetup, as a function. It behaves as the program of libdevmapper 1.02.185 does where there is no udev.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sim/libdm/system.h"

namespace sim::dmsetup {

struct Outcome {
  int exit_code = 0;
  std::string out;  // standard output
  std::string err;  // standard error
};

// `arguments` is the command line without the program's name, `input` its standard input. Process context;
// sleeps as long as the ioctls do.
Outcome run(libdm::System& system, std::span<const std::string> arguments, std::string input = {});

}  // namespace sim::dmsetup
