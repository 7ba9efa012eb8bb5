// SPDX-License-Identifier: GPL-2.0-or-later
// Creates a whole stack on a machine: the disks, then the devices, lower ones first.
//
// What the kernel refuses is noted in the kernel's words, and a disk of the same length stands in for it
// where other devices use it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/tables/builder.h"

namespace sim::tables {

struct BroughtUp {
  // A device of the file: whether it is there, and if not what the kernel said.
  struct Device {
    std::size_t index = 0;             // of Stack::devices
    std::optional<Creation> creation;  // missing: it was left out
    std::vector<std::string> below;    // names of the devices and disks that it uses
  };
  std::vector<Device> devices;  // in the order of their creation
  std::vector<Made> made;
  Notes notes;  // neither the stack's own nor creation_notes()
};

// What the kernel said of a device whose table begins there.
Notes creation_notes(const Place& where, const Creation& creation);

// Process context.
BroughtUp bring_up(const Stack& stack, host::Host& host, const Builder::Options& options);

}  // namespace sim::tables
