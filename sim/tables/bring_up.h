// SPDX-License-Identifier: GPL-2.0-or-later
// Makes the disks and devices of a stack on a machine, lower ones first.
//
// What the kernel refuses is told in the kernel's words, and a disk of the same length stands in for it below
// other devices. The commands that worked are a scenario: run again, they make the same.
#pragma once

#include <string>
#include <vector>

#include "sim/tables/stack.h"

namespace sim::tables {

// Somebody who runs commands of the scenario language.
class Bench {
 public:
  struct Result {
    bool ok = true;
    std::vector<std::string> output;  // without "exit 1"
    std::vector<std::string> log;     // what the kernel said meanwhile
    std::string error;                // what the command said on standard error, or the errno's name
  };
  Bench() = default;
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;
  virtual ~Bench() = default;
  // Process context. The command is right, as far as the language goes.
  virtual Result run(const std::string& command) = 0;
  [[nodiscard]] virtual bool has_disk(const std::string& name) const = 0;
};

struct BringUpOptions {
  std::string disk_options;  // for each disk that is made: " read_latency=1ms"
  bool leave_out = false;    // what stands on something that is missing is left out, too
};

struct BroughtUp {
  // A device of the file: whether it is there, and if not what the kernel said.
  struct Device {
    std::size_t index = 0;  // of Stack::file.devices
    bool up = false;
    std::string command;             // that makes it; empty if that was not tried
    std::vector<std::string> log;    // whether it went well or not
    std::vector<std::string> below;  // names of the devices and disks that it stands on
  };
  std::vector<Device> devices;        // in the order of their making
  std::vector<std::string> commands;  // those that worked
  Notes notes;                        // what is not the stack's own
};

BroughtUp bring_up(const Stack& stack, Bench& bench, const BringUpOptions& options);

}  // namespace sim::tables
