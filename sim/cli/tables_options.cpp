// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/tables_options.h"

#include <fmt/format.h>

#include "sim/cli/dialect_option.h"
#include "sim/cli/failure.h"
#include "sim/cli/options.h"
#include "sim/cli/text_file.h"
#include "sim/language/parser.h"
#include "sim/scenario/commands.h"

namespace sim::cli {

namespace {

// The options are those of the scenario language's command, which knows what is right.
language::TablesCommand command_for(const TablesArguments& arguments) {
  std::vector<std::string> words = {"tables", "FILE"};
  for (const std::string& device : arguments.devices) words.push_back("device=" + device);
  if (arguments.dm_major) words.push_back(fmt::format("dm_major={}", *arguments.dm_major));
  words.insert(words.end(), arguments.disk_options.begin(), arguments.disk_options.end());
  if (arguments.leave_out) words.emplace_back("leave_out");
  const language::ParseResult parsed = language::parse_words(words);
  if (parsed.ok()) return std::get<language::TablesCommand>(parsed.scenario.commands.front().body);
  std::vector<std::string> messages;
  for (const language::Diagnostic& diagnostic : parsed.diagnostics) messages.push_back(diagnostic.message);
  throw Mistake(fmt::format("{}", fmt::join(messages, "\ndmsim: ")));
}

}  // namespace

void add_tables_options(CLI::App& command, TablesArguments& arguments) {
  command.add_option("FILE", arguments.file, "the output of `dmsetup table`; `-` is standard input")
      ->required();
  command
      .add_option(
          "--devices", arguments.lists,
          "which device has which number there: the output of `dmsetup ls`, `dmsetup info`, `lsblk -b` and "
          "others")
      ->option_text("FILE")
      ->take_all();
  command.add_option("--device", arguments.devices, "the same for one mapped device")
      ->option_text("MAJOR:MINOR=NAME")
      ->take_all();
  const auto set_major = [&arguments](const std::string& text) {
    constexpr std::uint32_t major_max = (1U << 12U) - 1;
    arguments.dm_major = static_cast<std::uint32_t>(whole_number("--dm-major", text, 1, major_max));
  };
  command.add_option_function<std::string>("--dm-major", set_major, "device-mapper's major number there")
      ->option_text("N");
  add_dialect_option(command, arguments.dialect);
}

tables::Request request_for(const TablesArguments& arguments) {
  const language::TablesCommand command = command_for(arguments);
  tables::Request request;
  request.name = arguments.file;
  request.stack = {command.dm_major, command.said, command.leave_out, arguments.dialect};
  request.build = {scenario::disk_options(command.disk), command.leave_out};
  request.text = read_text_file(arguments.file);
  for (const std::string& list : arguments.lists) request.lists.emplace_back(list, read_text_file(list));
  return request;
}

ExitStatus tables_exit(const tables::Request& request, int status) {
  const auto exit_status = static_cast<ExitStatus>(status);
  if (exit_status == ExitStatus::mistake)
    throw Mistake(fmt::format("{}: there is no device in it", request.name));
  return exit_status;
}

}  // namespace sim::cli
