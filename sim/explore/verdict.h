// SPDX-License-Identifier: GPL-2.0-or-later
// What came of exploring a scenario.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sim::explore {

enum class Verdict : std::uint8_t {
  holds,    // and all was looked at
  ended,    // what was looked at holds, and the budget has ended
  found,    // something is wrong
  mistake,  // the scenario cannot be explored
  not_run,
};
constexpr std::size_t verdict_count = 5;

constexpr std::string_view name_of(Verdict verdict) {
  constexpr std::array<std::string_view, verdict_count> names = {"holds", "ended", "found", "mistake",
                                                                 "not_run"};
  return names[static_cast<std::size_t>(verdict)];
}

}  // namespace sim::explore
