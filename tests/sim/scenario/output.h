// SPDX-License-Identifier: GPL-2.0-or-later
// What a scenario prints.
#pragma once

#include <string>

#include "sim/language/source.h"
#include "sim/scenario/replay.h"

namespace test {

// Complaints, then the transcript without the commands.
inline std::string output_of(const std::string& scenario, const sim::scenario::ReplayOptions& options = {}) {
  const auto result = sim::scenario::replay(scenario, options);
  std::string lines = result.complaint;
  std::string_view rest = result.transcript;
  while (!rest.empty()) {
    const std::string_view line = sim::language::take_line(rest);
    if (!line.starts_with("> ")) lines.append(line).push_back('\n');
  }
  return lines;
}

}  // namespace test
