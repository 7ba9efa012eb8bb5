// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/generate/random.h"

namespace sim::generate {

std::uint64_t Random::below(std::uint64_t end) {
  // What is left over above the last whole multiple would make small numbers likelier: draw again.
  const std::uint64_t left_over = (UINT64_MAX % end + 1) % end;
  std::uint64_t drawn = engine_();
  while (drawn > UINT64_MAX - left_over) drawn = engine_();
  return drawn % end;
}

}  // namespace sim::generate
