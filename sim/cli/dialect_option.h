// SPDX-License-Identifier: GPL-2.0-or-later
// --dialect, for every subcommand whose machine is given tables.
#pragma once

#include "dmclone/dialect.h"

#include "sim/cli/options.h"

namespace sim::cli {

inline void add_dialect_option(CLI::App& command, const dmclone::Dialect*& dialect) {
  std::vector<std::pair<std::string, const dmclone::Dialect*>> choices;
  for (const dmclone::Dialect* one : dmclone::dialects()) choices.emplace_back(one->name, one);
  add_choice_option(
      command, "--dialect", dialect, choices,
      "dialect of the clone target: Linux's, or that of its first posting, which counts in sectors");
}

}  // namespace sim::cli
