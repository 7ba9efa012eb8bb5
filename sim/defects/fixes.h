// SPDX-License-Identifier: GPL-2.0-or-later
// The repairs of known bugs that can be put into a machine, for people. docs/findings.md has each bug.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "dmcore/kernel/fixes.h"

namespace sim {

struct FixEntry {
  dmcore::Fix fix;
  std::string_view name;     // of the option --with-fix
  std::string_view summary;  // what is done instead
  std::string_view finding;  // the heading in docs/findings.md
  std::string_view patch;    // the same for Linux: a file in docs/findings
};

// All, in the order of dmcore::Fix.
std::span<const FixEntry> fix_catalogue();

std::optional<dmcore::Fix> fix_named(std::string_view name);
// The names of those that are in, with a separator between them; empty if none is.
std::string fix_names(const dmcore::Fixes& fixes, std::string_view separator);

}  // namespace sim
