// SPDX-License-Identifier: GPL-2.0-or-later
// Keys in tables, dm-crypt's and dm-integrity's: no output of dmsim may contain any of one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sim::tables {

inline constexpr std::string_view hidden_key = "(key not shown)";

// The arguments of a target without its keys, for types that have some.
std::vector<std::string> without_keys(std::string_view type, std::vector<std::string> arguments);

// The same for text of which nothing is known: all that looks like a key, or may be one because of what comes
// before it, is hidden; perhaps more than necessary.
std::string without_keys(std::string_view text);

// Whether a file may contain a key: a type of target that has one, or of which nothing is known, or what
// looks like one. Of such a file nothing may be quoted that could not be read: a key may be torn into pieces
// there that look like anything.
bool may_hold_keys(std::string_view file);

}  // namespace sim::tables
