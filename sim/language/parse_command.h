// SPDX-License-Identifier: GPL-2.0-or-later
// The commands of the language, and how the words of one become a command.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "sim/language/ast.h"
#include "sim/language/names.h"
#include "sim/language/word_reader.h"

namespace sim::language {

struct CommandParser {
  std::string_view name;
  std::string_view usage;
  // Nothing if the number of words is wrong; after other mistakes the reader has failed() and the result is
  // of no use.
  std::optional<CommandBody> (*parse)(WordReader& reader, Names& names);
  bool reads_input = false;  // may have a here-document
  bool in_front = false;     // cannot run in the background
};

// Null if there is no such command.
const CommandParser* find_command_parser(std::string_view name);
// The names of all commands.
std::span<const std::string_view> command_names();
// The names of all options of a disk.
std::span<const std::string_view> disk_option_names();

std::optional<CommandBody> parse_disk(WordReader& reader, Names& names);
// Reads a word that is an option of a disk. `others` are words that are valid there too.
void take_disk_option(WordReader& reader, DiskCommand& disk, std::span<const std::string_view> others = {});
std::optional<CommandBody> parse_fault_command(WordReader& reader, Names& names);
std::optional<CommandBody> parse_dmsetup(WordReader& reader, Names& names);
std::optional<CommandBody> parse_tables(WordReader& reader, Names& names);

}  // namespace sim::language
