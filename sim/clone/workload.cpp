// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/clone/workload.h"

#include "sim/clone/failure.h"
#include "sim/language/parser.h"

namespace sim::clone {

Workload parse_workload(const std::string& name, std::string_view text) {
  language::ParseResult parsed = language::parse_scenario(text);
  if (parsed.ok()) return {name, std::move(parsed.scenario.commands)};
  std::string mistakes = "the workload has mistakes";
  for (const language::Diagnostic& diagnostic : parsed.diagnostics) {
    mistakes += '\n' + format_diagnostic(name, text, diagnostic);
    mistakes.pop_back();
  }
  throw Refused(mistakes);
}

}  // namespace sim::clone
