// SPDX-License-Identifier: GPL-2.0-or-later
// The interpreter's command `tables`, and its bench.
#include <fmt/core.h>

#include "sim/dmsetup/dmsetup.h"
#include "sim/language/parser.h"
#include "sim/scenario/interpreter.h"
#include "sim/tables/report.h"

namespace sim::scenario {

// Runs commands in the middle of another one, and keeps what they say from the transcript.
class Interpreter::CommandBench final : public tables::Bench {
 public:
  explicit CommandBench(Interpreter& interpreter) : interpreter_(interpreter) {}

  Result run(const std::string& text) override {
    language::ParseResult parsed;
    // The disks of earlier commands are none of its business.
    language::Parser().parse(text, parsed);
    Result result;
    if (!parsed.ok()) return {false, {}, {}, parsed.diagnostics.front().message};
    for (const language::Command& command : parsed.scenario.commands) perform(command.body, result);
    return result;
  }

  [[nodiscard]] bool has_disk(const std::string& name) const override {
    return interpreter_.host_.disk(name) != nullptr;
  }

 private:
  void perform(const language::CommandBody& body, Result& result) {
    if (const auto* dmsetup = std::get_if<language::DmsetupCommand>(&body)) {
      const dmsetup::Outcome outcome = interpreter_.host_.dmsetup(dmsetup->arguments);
      result.ok = outcome.exit_code == 0;
      result.output = tables::lines(outcome.out);
      result.error = outcome.err;
    } else {
      result.output = interpreter_.perform(body);
      result.ok = result.output.empty() || !result.output.back().starts_with("error ");
      if (!result.ok) result.error = result.output.back();
    }
    interpreter_.host_.settle();
    result.log = interpreter_.host_.take_log();
  }

  Interpreter& interpreter_;
};

void Interpreter::with_bench(const std::function<void(tables::Bench&)>& body) {
  host_.run([this, &body] {
    CommandBench bench(*this);
    body(bench);
  });
}

Lines Interpreter::perform(const language::TablesCommand& command) {
  const auto text = host_.read_file(command.file);
  if (!text) return error_lines(dmcore::Errno::noent);
  tables::Request request;
  request.name = command.file;
  request.text = *text;
  request.stack = {command.dm_major, command.said, command.leave_out};
  request.bring_up = {command.disk_options, command.leave_out};
  if (command.devices) {
    const auto list = host_.read_file(*command.devices);
    if (!list) return error_lines(dmcore::Errno::noent);
    request.lists.push_back({*command.devices, *list});
  }
  CommandBench bench(*this);
  const tables::Outcome outcome = tables::bring_up(request, bench);
  Lines lines;
  for (const tables::Note& note : outcome.notes) lines.push_back(tables::format_note(note));
  lines.insert(lines.end(), outcome.made.commands.begin(), outcome.made.commands.end());
  return lines;
}

}  // namespace sim::scenario
