// SPDX-License-Identifier: GPL-2.0-or-later
// What is done with a clone while it hydrates: a scenario, run on the device `clone`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/language/ast.h"

namespace sim::clone {

// What a workload finds on its machine.
inline constexpr const char* clone_device = "clone";
inline constexpr const char* source_disk = "source";
inline constexpr const char* destination_disk = "destination";
inline constexpr const char* metadata_disk = "metadata";

struct Workload {
  std::string name;  // of its file; empty: there is none
  std::vector<language::Command> commands;
};

// Throws Refused, with every mistake of the text.
Workload parse_workload(const std::string& name, std::string_view text);

}  // namespace sim::clone
