// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/bounded_machine.h"

#include <algorithm>

namespace test {

Ending BoundedMachine::end_of(const std::function<void()>& use) {
  try {
    use();
  } catch (const OutOfSteps&) {
    machine_.runtime().kill();
    return {Ending::Kind::out_of_steps, {}};
  } catch (const sim::MachineStopped& stopped) {
    const std::string report = stopped.what();
    return {may_wait(report) ? Ending::Kind::waits : Ending::Kind::stopped, report};
  }
  return {};
}

bool BoundedMachine::may_wait(const std::string& report) {
  if (!report.starts_with("deadlock")) return false;
  if (report.find("'dm event'") != std::string::npos) return true;
  const auto& names = machine_.dm().devices().names();
  return std::any_of(names.begin(), names.end(),
                     [](const auto& named) { return named.second->md->suspended(); });
}

}  // namespace test
