// SPDX-License-Identifier: GPL-2.0-or-later
// The options of subcommands that read the output of `dmsetup table`.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/exit_status.h"
#include "sim/tables/report.h"

namespace sim::cli {

struct TablesArguments {
  std::string file;
  std::vector<std::string> lists;
  std::vector<std::string> devices;  // MAJOR:MINOR=NAME
  std::optional<std::uint32_t> dm_major;
  const dmclone::Dialect* dialect = &dmclone::linux_dialect;
  std::vector<std::string> disk_options;
  bool leave_out = false;
};

void add_tables_options(CLI::App& command, TablesArguments& arguments);

// Reads the files. Throws Mistake if one cannot be read or an option is wrong.
tables::Request request_for(const TablesArguments& arguments);

// For tables::exit_status(). Throws Mistake if there is no device in the file.
ExitStatus tables_exit(const tables::Request& request, int status);

}  // namespace sim::cli
