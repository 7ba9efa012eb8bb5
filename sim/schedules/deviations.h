// SPDX-License-Identifier: GPL-2.0-or-later
// A schedule as its differences from first in, first out: what is left of a failure when it has been
// shrunk, and what its token holds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/schedules/engine.h"

namespace sim::schedules {

// A task in a token: half of its lineage, which tells it from the other tasks of a run.
using ShortLineage = std::uint32_t;
ShortLineage short_lineage(dmcore::Lineage lineage);

// Where first in, first out would let a task take its step, another one takes its own.
struct Deviation {
  ShortLineage instead_of = 0;
  std::uint32_t step = 0;  // of that task, counted from 0
  // It was next in that place so many times before: who has to wait may have to wait again.
  std::uint32_t waited = 0;
  ShortLineage goes = 0;

  friend bool operator==(const Deviation&, const Deviation&) = default;
};

// "1f2e3d4c.17-5a6b7c8d"; "1f2e3d4c.17+2-5a6b7c8d" if it has waited twice.
std::string to_string(const Deviation& deviation);
std::optional<Deviation> parse_deviation(std::string_view text);

// Names the places of a run at which there is a choice.
class Places {
 public:
  void clear() { waited_.clear(); }
  // The place of this choice, and who goes. To be called for each choice, in their order.
  Deviation next(const Situation& situation, std::size_t chosen) {
    const Choice& first = situation.choices.front();
    return next(first.lineage, first.steps, situation.choices[chosen].lineage);
  }
  // The same: `first`, which has taken so many steps, is the first of the choices.
  Deviation next(dmcore::Lineage first, std::uint32_t steps, dmcore::Lineage goes);

 private:
  std::map<std::pair<ShortLineage, std::uint32_t>, std::uint32_t> waited_;
};

// Repeats a schedule. What the run does not offer is left out.
class Deviating final : public Engine {
 public:
  // `wants`: of the engine that made it.
  Deviating(const std::vector<Deviation>& deviations, Wants wants);

  [[nodiscard]] Wants wants() const override { return wants_; }
  bool begin() override;
  std::size_t choose(const Situation& situation) override;

 private:
  using Place = std::tuple<ShortLineage, std::uint32_t, std::uint32_t>;

  std::map<Place, ShortLineage> deviations_;
  Wants wants_;
  Places places_;
};

}  // namespace sim::schedules
