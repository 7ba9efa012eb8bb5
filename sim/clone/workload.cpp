// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/clone/workload.h"

#include "sim/clone/failure.h"
#include "sim/language/parser.h"

namespace sim::clone {

Workload parse_workload(const std::string& name, std::string_view text) {
  language::Names names;
  for (const char* disk : {source_disk, destination_disk, metadata_disk}) names.add_disk(disk);
  names.add_device(clone_device);
  language::ParseResult parsed = language::parse_scenario(text, std::move(names));
  if (parsed.ok()) return {name, std::move(parsed.scenario.commands)};
  std::string mistakes = parsed.diagnostics.format(name, text);
  mistakes.pop_back();
  throw Refused("the workload has mistakes\n" + mistakes);
}

}  // namespace sim::clone
