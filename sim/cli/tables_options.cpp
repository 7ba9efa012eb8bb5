// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/tables_options.h"

#include <fmt/core.h>

#include "sim/cli/dialect_option.h"
#include "sim/cli/text_file.h"
#include "sim/language/lexer.h"
#include "sim/language/parser.h"
#include "sim/scenario/commands.h"

namespace sim::cli {

namespace {

// The options are those of the scenario language's command, which knows what is right.
std::optional<language::TablesCommand> command_for(const TablesArguments& arguments) {
  std::string text = "tables FILE";
  const auto add = [&](const std::string& word) { text += " " + shlex_quote(word); };
  for (const std::string& device : arguments.devices) add("device=" + device);
  if (arguments.dm_major) add(fmt::format("dm_major={}", *arguments.dm_major));
  for (const std::string& option : arguments.disk_options) add(option);
  if (arguments.leave_out) add("leave_out");
  const language::ParseResult parsed = language::parse_scenario(text);
  if (parsed.ok()) return std::get<language::TablesCommand>(parsed.scenario.commands.front().body);
  for (const language::Diagnostic& diagnostic : parsed.diagnostics)
    fmt::print(stderr, "dmsim: {}\n", diagnostic.message);
  return std::nullopt;
}

}  // namespace

void add_tables_options(CLI::App& command, TablesArguments& arguments) {
  command.add_option("file", arguments.file, "the output of `dmsetup table`; - is standard input")
      ->required();
  command
      .add_option(
          "--devices", arguments.lists,
          "the output of `dmsetup ls`, `dmsetup info -c`, `lsblk -b`...: which device has which number")
      ->option_text("FILE")
      ->take_all();
  command.add_option("--device", arguments.devices, "this number is that mapped device")
      ->option_text("MAJOR:MINOR=NAME")
      ->take_all();
  command.add_option("--dm-major", arguments.dm_major, "device-mapper's major number there")
      ->option_text("N");
  add_dialect_option(command, arguments.dialect);
}

std::optional<tables::Request> request_for(const TablesArguments& arguments) {
  const auto command = command_for(arguments);
  if (!command) return std::nullopt;
  tables::Request request;
  request.name = arguments.file;
  request.stack = {command->dm_major, command->said, command->leave_out, arguments.dialect};
  request.build = {scenario::disk_options(command->disk), command->leave_out};
  const auto text = read_text_file(arguments.file);
  if (!text) return std::nullopt;
  request.text = *text;
  for (const std::string& list : arguments.lists) {
    auto list_text = read_text_file(list);
    if (!list_text) return std::nullopt;
    request.lists.emplace_back(list, *std::move(list_text));
  }
  return request;
}

}  // namespace sim::cli
