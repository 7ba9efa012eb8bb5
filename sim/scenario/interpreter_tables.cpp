// SPDX-License-Identifier: GPL-2.0-or-later
// The interpreter's command `tables`.
#include "sim/scenario/interpreter.h"
#include "sim/tables/report.h"
#include "sim/tables/scenario_text.h"

namespace sim::scenario {

CommandOutput Interpreter::perform(const language::TablesCommand& command) {
  const auto text = host_->read_file(command.file);
  if (!text) return failed_with(dmcore::Errno::noent);
  tables::Request request;
  request.name = command.file;
  request.text = *text;
  request.stack = {command.dm_major, command.said, command.leave_out, &host_->machine().dialect()};
  request.build = {disk_options(command.disk), command.leave_out};
  if (command.devices) {
    const auto list = host_->read_file(*command.devices);
    if (!list) return failed_with(dmcore::Errno::noent);
    request.lists.push_back({*command.devices, *list});
  }
  const tables::Outcome outcome = tables::bring_up(request, *host_);
  Lines lines;
  for (const tables::Note& note : outcome.notes) lines.push_back(tables::format_note(note));
  const Lines commands = tables::commands_for(outcome.made.made);
  lines.insert(lines.end(), commands.begin(), commands.end());
  return {std::move(lines), tables::exit_status(outcome.stack, outcome.notes) != 0};
}

}  // namespace sim::scenario
