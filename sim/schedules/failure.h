// SPDX-License-Identifier: GPL-2.0-or-later
// What an exploration of schedules finds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/explore/cut_token.h"

namespace sim::schedules {

// What can be wrong in a run.
enum class Oracle : std::uint8_t {
  stops,      // the machine stopped: a deadlock, a hang, a broken rule of the kernel
  reads,      // a read returned what it must not: see history.h
  in_flight,  // a bio is left although everything has ended
  cut,        // what was promised is not there after a power cut: see explore::Oracle
};
constexpr std::size_t oracle_count = 4;
std::string_view name_of(Oracle oracle);
std::optional<Oracle> oracle_named(std::string_view name);

struct Failure {
  Oracle oracle = Oracle::stops;
  std::string device = {};   // of `reads`, and of `cut` if it is about one
  std::uint32_t sector = 0;  // the same
  std::string what = {};     // a line
  std::string report = {};   // lines, if there is more to say
  // Of `cut`: which cuts, and what does not hold. The rest of it is not set.
  std::optional<explore::CutToken> cuts = {};

  // Whether it is the same thing that is wrong: what a shorter scenario must show.
  [[nodiscard]] bool same_as(const Failure& other) const {
    return oracle == other.oracle && device == other.device && cuts.has_value() == other.cuts.has_value() &&
           (!cuts || cuts->oracle == other.cuts->oracle);
  }
};

// Lines: what is wrong.
std::string describe(const Failure& failure);

}  // namespace sim::schedules
