// SPDX-License-Identifier: GPL-2.0-or-later
// A fault of a disk as a word of a scenario.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/disk/fault.h"

namespace sim::language {

// KIND[:WHERE][:xN], as docs/scenarios.md says. If it is wrong, nothing, and `error` says why and what was
// expected.
std::optional<Fault> parse_fault(std::string_view word, std::string& error);

}  // namespace sim::language
