// SPDX-License-Identifier: GPL-2.0-or-later
// Random steps. They are plain data: each field is drawn by itself, and shrinks by itself.
#pragma once

#include <rapidcheck.h>

#include "proptests/step.h"

namespace proptests {

inline rc::Gen<Step> steps_of(rc::Gen<StepKind> kind) {
  namespace gen = rc::gen;
  return gen::build<Step>(
      gen::set(&Step::kind, std::move(kind)), gen::set(&Step::background, gen::arbitrary<bool>()),
      gen::set(&Step::position, gen::inRange<std::uint32_t>(0, 1000)),
      gen::set(&Step::length, gen::weightedOneOf<std::uint32_t>({{3, gen::inRange<std::uint32_t>(1, 9)},
                                                                 {2, gen::element<std::uint32_t>(8, 16, 64)},
                                                                 {1, gen::inRange<std::uint32_t>(1, 600)}})),
      gen::set(&Step::choice, gen::inRange<std::uint32_t>(0, 50)));
}

}  // namespace proptests
