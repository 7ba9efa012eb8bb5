// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/interleaving_json.h"

namespace sim::cli {

Json interleaving_json(const schedules::Interleaving& interleaving) {
  Json lines = Json::array();
  for (const schedules::Interleaving::Line& line : interleaving.lines) {
    const schedules::Interleaving::Task& task = interleaving.tasks[line.task];
    Json object = {{"step", line.step}, {"is_step", line.is_step}, {"task", task.name}};
    // The program, or the one that a task of the kernel works for.
    if (const int program = task.line != 0 ? task.line : line.for_line; program != 0)
      object["line"] = program;
    if (line.at.count() != 0) object["ns"] = line.at.count();  // since boot
    object["does"] = line.text;
    if (line.before != 0) object["before"] = line.before;
    lines.push_back(std::move(object));
  }
  return lines;
}

std::string interleaving_text(const schedules::Interleaving& interleaving, bool all_steps) {
  constexpr std::size_t lines_max = 80;
  return to_string(interleaving, all_steps ? 0 : lines_max);
}

}  // namespace sim::cli
