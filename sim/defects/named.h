// SPDX-License-Identifier: GPL-2.0-or-later
// What catalogues have in common: entries with a name, each for a value of an enum.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "dmcore/kernel/choices.h"

namespace sim {

// `kind`: the member of an entry that has the value.
template <class Entry, class Kind>
std::optional<Kind> kind_named(std::span<const Entry> entries, Kind Entry::*kind, std::string_view name) {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.name == name; });
  return found == entries.end() ? std::nullopt : std::optional((*found).*kind);
}

// The names of those that are chosen, with a separator between them; empty if none is.
template <class Entry, class Kind>
std::string names_of(std::span<const Entry> entries, Kind Entry::*kind, const dmcore::Choices<Kind>& chosen,
                     std::string_view separator) {
  std::string names;
  for (const Entry& entry : entries) {
    if (!chosen.on(entry.*kind)) continue;
    if (!names.empty()) names += separator;
    names += entry.name;
  }
  return names;
}

}  // namespace sim
