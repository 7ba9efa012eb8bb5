// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/crash_explorer.h"

#include "sim/explore/crash_search.h"

namespace sim::explore {

namespace {

constexpr std::array<std::string_view, oracle_count> oracle_names = {
    "starts", "metadata", "contract", "hydrated", "source", "committed", "stable", "complete", "expect"};

}  // namespace

std::string_view name_of(Oracle oracle) {
  return oracle_names[static_cast<std::size_t>(oracle)];
}

std::optional<Oracle> oracle_named(std::string_view name) {
  for (std::size_t i = 0; i < oracle_names.size(); ++i) {
    if (oracle_names[i] == name) return static_cast<Oracle>(i);
  }
  return std::nullopt;
}

CrashReport CrashExplorer::explore(const Run& run) {
  CrashReport report;
  report.depth = settings_.depth;
  if (!run.common || run.devices != seen_with_) {
    seen_.clear();
    seen_with_ = run.devices;
  }
  const std::uint32_t first = seen_.empty() ? 0 : *run.common;
  CrashSearch(*this, run, report).search(first);
  // If it is repeated it is to be found again.
  if (report.violation) seen_.clear();
  return report;
}

Retraced CrashExplorer::retrace(const Run& run, const CutToken& token) {
  CrashReport report;
  settings_.tear = token.tear;
  return CrashSearch(*this, run, report).retrace(token, contents_);
}

}  // namespace sim::explore
