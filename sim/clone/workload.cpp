// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/clone/workload.h"

#include "sim/clone/failure.h"
#include "sim/language/parser.h"

namespace sim::clone {

Workload parse_workload(const std::string& name, std::string_view text) {
  language::ParseResult parsed = language::parse_scenario(text);
  if (parsed.ok()) return {name, std::move(parsed.scenario.commands)};
  std::string mistakes = parsed.diagnostics.format(name, text);
  mistakes.pop_back();
  throw Refused("the workload has mistakes\n" + mistakes);
}

}  // namespace sim::clone
