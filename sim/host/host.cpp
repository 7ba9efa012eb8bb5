// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/host/host.h"

#include <utility>

namespace sim::host {

Host::Host(Machine& machine, Options options)
    : machine_(machine), options_(std::move(options)), system_(machine, options_.directory) {}

void Host::sleep_for(dmcore::Duration duration) {
  machine_.runtime().sleep_for(duration);
  settle();
}

bool Host::wait_until(const std::function<bool()>& condition, dmcore::Duration timeout,
                      dmcore::Duration interval) {
  for (const dmcore::Time end = now() + timeout; now() < end; sleep_for(interval)) {
    if (condition()) return true;
  }
  return false;
}

dmsetup::Outcome Host::dmsetup(std::span<const std::string> arguments, std::string input) {
  return dmsetup::run(system_, arguments, std::move(input));
}

std::vector<std::string> Host::take_log() {
  std::vector<std::string> lines;
  for (dmcore::LogLine& line : machine_.log().take()) {
    if (line.text.starts_with("device-mapper:")) lines.push_back(std::move(line.text));
  }
  return lines;
}

}  // namespace sim::host
