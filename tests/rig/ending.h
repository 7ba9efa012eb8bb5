// SPDX-License-Identifier: GPL-2.0-or-later
// How a machine ended that was given anything to do.
#pragma once

#include <cstdint>
#include <string>

namespace test {

struct Ending {
  enum class Kind : std::uint8_t {
    finished,
    out_of_steps,
    waits,    // for what never comes, and would not come on a real kernel either
    stopped,  // it broke a rule, or waits for what should have come
  };
  Kind kind = Kind::finished;
  std::string report;  // of a machine that waits or is stopped
};

}  // namespace test
