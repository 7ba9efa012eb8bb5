// SPDX-License-Identifier: GPL-2.0-or-later
// --defect and --with-fix, for every subcommand whose machines can be given them.
#pragma once

#include "sim/cli/options.h"
#include "sim/defects/catalogue.h"
#include "sim/defects/fixes.h"

namespace sim::cli {

inline void add_defect_option(CLI::App& command, dmcore::Defects& defects) {
  std::vector<std::string> names;
  for (const DefectEntry& entry : defect_catalogue()) names.emplace_back(entry.name);
  add_choices(
      command, "--defect", names,
      [&defects](std::size_t place) { defects.put_in(defect_catalogue()[place].defect); },
      "put a mistake into the machine's code, to see what it does; `dmsim defects` lists them; may be given "
      "several times")
      ->option_text("NAME");
}

inline void add_fix_option(CLI::App& command, dmcore::Fixes& fixes) {
  std::vector<std::string> names;
  for (const FixEntry& entry : fix_catalogue()) names.emplace_back(entry.name);
  add_choices(
      command, "--with-fix", names, [&fixes](std::size_t place) { fixes.put_in(fix_catalogue()[place].fix); },
      "repair a bug that Linux has, in the machine's code; `dmsim fixes` lists them; may be given several "
      "times")
      ->option_text("NAME");
}

}  // namespace sim::cli
