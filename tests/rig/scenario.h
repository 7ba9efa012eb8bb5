// SPDX-License-Identifier: GPL-2.0-or-later
// Scenarios, for tests of the language and of what people type.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/rig/machine.h"

namespace test {

// Runs the commands on the machine, and returns what they print, a line each, without the commands. A text
// that does not parse is a Failure.
std::vector<std::string> run_scenario(Machine& machine, std::string_view text);

}  // namespace test
