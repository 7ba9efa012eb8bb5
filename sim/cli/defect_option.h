// SPDX-License-Identifier: GPL-2.0-or-later
// --defect, for every subcommand whose machines can be given one.
#pragma once

#include "sim/cli/options.h"
#include "sim/defects/catalogue.h"

namespace sim::cli {

inline void add_defect_option(CLI::App& command, dmcore::Defects& defects) {
  std::vector<std::string> names;
  for (const DefectEntry& entry : defect_catalogue()) names.emplace_back(entry.name);
  add_choice(
      command, "--defect", names,
      [&defects](std::size_t place) { defects.put_in(defect_catalogue()[place].defect); },
      "put a mistake into the machine's code, to see what it does; `dmsim defects` lists them")
      ->option_text("NAME");
}

}  // namespace sim::cli
