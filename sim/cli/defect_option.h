// SPDX-License-Identifier: GPL-2.0-or-later
// --defect and --with-fix, for every subcommand whose machines can be given them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sim/cli/options.h"
#include "sim/defects/catalogue.h"
#include "sim/defects/fixes.h"

namespace sim::cli {

// `entries`: of a catalogue; `kind`: the member of an entry that is chosen by its name.
template <class Entry, class Kind>
void add_catalogue_option(CLI::App& command, const std::string& option, std::span<const Entry> entries,
                          Kind Entry::*kind, dmcore::Choices<Kind>& chosen, const std::string& description) {
  std::vector<std::string> names;
  for (const Entry& entry : entries) names.emplace_back(entry.name);
  add_choices(
      command, option, names,
      [&chosen, entries, kind](std::size_t place) { chosen.put_in(entries[place].*kind); },
      description + "; may be given several times")
      ->option_text("NAME");
}

inline void add_defect_option(CLI::App& command, dmcore::Defects& defects) {
  add_catalogue_option(
      command, "--defect", defect_catalogue(), &DefectEntry::defect, defects,
      "put a mistake into the machine's code, to see what it does; `dmsim defects` lists them");
}

inline void add_fix_option(CLI::App& command, dmcore::Fixes& fixes) {
  add_catalogue_option(command, "--with-fix", fix_catalogue(), &FixEntry::fix, fixes,
                       "repair a bug that Linux has, in the machine's code; `dmsim fixes` lists them");
}

}  // namespace sim::cli
