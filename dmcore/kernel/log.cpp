// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/kernel/log.h"

namespace dmcore {

void KernelLog::append(LogLevel level, std::string_view prefix, std::string text) {
  append_raw(level, fmt::format("device-mapper: {}: {}", prefix, text));
}

void KernelLog::append_raw(LogLevel level, std::string text) {
  lines_.push_back(LogLine{clock_(), level, std::move(text)});
}

bool KernelLog::ratelimit(std::string_view site) {
  auto it = limits_.find(site);
  if (it == limits_.end()) it = limits_.emplace(std::string(site), Limit{}).first;
  Limit& limit = it->second;
  const Time now = clock_();
  // An interval begins with the first line after the end of the one before.
  if (!limit.started || now > limit.begin + ratelimit_interval) {
    limit = Limit{now, true, 0};
  }
  if (limit.printed >= ratelimit_burst) return false;
  ++limit.printed;
  return true;
}

std::vector<LogLine> KernelLog::take() {
  return std::exchange(lines_, {});
}

}  // namespace dmcore
