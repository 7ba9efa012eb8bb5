// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/rig/scenario.h"

#include "sim/language/parser.h"
#include "sim/scenario/interpreter.h"

#include "tests/rig/failure.h"

namespace test {

std::vector<std::string> run_scenario(Machine& machine, std::string_view text) {
  const sim::language::ParseResult parsed = sim::language::parse_scenario(text);
  if (!parsed.ok()) throw Failure(format_diagnostic("scenario", text, parsed.diagnostics.front()));
  std::vector<std::string> lines;
  sim::scenario::Interpreter interpreter(machine, {.directory = {}, .save_directory = {}, .echo = false},
                                         [&](std::string_view line) { lines.emplace_back(line); });
  interpreter.run(parsed.scenario.commands);
  return lines;
}

}  // namespace test
