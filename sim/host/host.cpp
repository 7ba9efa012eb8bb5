// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/host/host.h"

#include <utility>

#include "dmcore/dm/args.h"

namespace sim::host {

Host::Host(Machine& machine, Options options)
    : machine_(machine), options_(std::move(options)), system_(*this, options_.directory) {}

void Host::sleep_for(dmcore::Duration duration) {
  machine_.runtime().sleep_for(duration);
  between_calls();
}

bool Host::wait_until(const std::function<bool()>& condition, dmcore::Duration timeout,
                      dmcore::Duration interval) {
  for (const dmcore::Time end = now() + timeout; now() < end; sleep_for(interval)) {
    if (condition()) return true;
  }
  return false;
}

dmcore::Result<std::string> Host::parameter(const std::string& module, const std::string& name) {
  const dmcore::ModuleParameter* parameter = machine_.kernel().parameters().find(module, name);
  if (parameter == nullptr) return dmcore::Errno::noent;
  return std::to_string(parameter->get());
}

dmcore::Status Host::set_parameter(const std::string& module, const std::string& name,
                                   const std::string& value) {
  dmcore::ModuleParameter* parameter = machine_.kernel().parameters().find(module, name);
  if (parameter == nullptr) return dmcore::Errno::noent;
  // The file cannot be opened for writing.
  if (!parameter->writable()) return dmcore::Errno::acces;
  DMCORE_TRY_ASSIGN(const std::uint64_t number, dmcore::parse_u64(value, 0));
  return parameter->set(number);
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
