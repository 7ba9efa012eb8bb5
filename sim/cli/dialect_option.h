// SPDX-License-Identifier: GPL-2.0-or-later
// --dialect, for every subcommand whose machine is given tables.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "sim/machine/machine.h"

namespace sim::cli {

inline void add_dialect_option(CLI::App& command, const dmclone::Dialect*& dialect) {
  std::vector<std::string> names;
  for (const dmclone::Dialect* one : dmclone::dialects()) names.emplace_back(one->name);
  command
      .add_option_function<std::string>(
          "--dialect",
          [&dialect](const std::string& name) {
            for (const dmclone::Dialect* one : dmclone::dialects()) {
              if (one->name == name) dialect = one;
            }
          },
          "what the clone target speaks: linux, or rfc1 (its first posting, which counts in sectors)")
      ->check(CLI::IsMember(names))
      ->option_text("linux|rfc1");
}

}  // namespace sim::cli
