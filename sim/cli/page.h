// SPDX-License-Identifier: GPL-2.0-or-later
// What there is to say about a subcommand: the one source of --help, docs/command-line.md and the manual
// pages.
#pragma once

#include <CLI/CLI.hpp>
#include <string_view>
#include <vector>

#include "sim/cli/exit_status.h"
#include "sim/cli/manual/document.h"

namespace sim::cli {

struct Example {
  std::string_view purpose;
  std::string_view command;  // a line for a shell
};

// Its options are declared where they are read, with CLI11, and described there.
struct Page {
  std::string_view name;       // of the subcommand
  std::string_view summary;    // what it does: a phrase in the imperative
  std::string_view arguments;  // as the synopsis shows them behind the options: "FILE..."
  // Markdown: paragraphs, separated by an empty line.
  std::string_view description;
  std::vector<Example> examples;
  // The statuses with which it may end. Where the meaning is empty, it is that of `exit_meanings`.
  std::vector<ExitMeaning> exits;
  bool listed = true;  // among the subcommands, with a manual page; false for what only the build needs
};

// The page of a subcommand whose full name is `full_name`, such as "dmsim replay".
manual::Document page_document(const std::string& full_name, const Page& page, const CLI::App& app);

// Each with its purpose as a comment; nothing if there are none.
std::vector<manual::Block> examples_blocks(const std::vector<Example>& examples);

// The statuses with which a program or a subcommand may end.
manual::Table exits_table(const std::string& full_name, const std::vector<ExitMeaning>& exits);

}  // namespace sim::cli
