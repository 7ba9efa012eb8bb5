// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/failure.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace sim::schedules {

namespace {

constexpr std::array<std::string_view, oracle_count> oracle_names = {"stops", "reads", "in_flight", "cut"};

}  // namespace

std::string_view name_of(Oracle oracle) {
  return oracle_names[static_cast<std::size_t>(oracle)];
}

std::optional<Oracle> oracle_named(std::string_view name) {
  const auto found = std::find(oracle_names.begin(), oracle_names.end(), name);
  if (found == oracle_names.end()) return std::nullopt;
  return static_cast<Oracle>(found - oracle_names.begin());
}

std::string describe(const Failure& failure) {
  std::string text = fmt::format("{}: {}\n", name_of(failure.oracle), failure.what);
  return failure.report.empty() ? text : text + failure.report + "\n";
}

}  // namespace sim::schedules
