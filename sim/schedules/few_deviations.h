// SPDX-License-Identifier: GPL-2.0-or-later
// Every schedule with few differences from first in, first out: most bugs need one to three. Those with fewer
// come first, so the first failure has as few as any. Schedules that differ in nothing that can be seen are
// run all the same: each has deviations of its own that can follow.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "sim/schedules/deviations.h"
#include "sim/schedules/engine.h"

namespace sim::schedules {

// Of several searches that divide the schedules of one scenario between them: the first deviations that
// follow first in, first out are dealt out in turn. So each schedule is in one part, and in one only; the one
// without deviations is in the first.
struct PartOfFew {
  std::uint64_t index = 1;  // 1 to count
  std::uint64_t count = 1;

  [[nodiscard]] bool has(std::uint64_t number) const { return number % count == index - 1; }
};

class FewDeviations final : public Engine {
 public:
  explicit FewDeviations(unsigned most, PartOfFew part = {}) : most_(most), part_(part) {}

  [[nodiscard]] Wants wants() const override { return everything_races; }
  bool begin() override;
  std::size_t choose(const Situation& situation) override;
  void end() override;

  // Whether the run that has begun is none of this part: the first one of each shows what is divided.
  [[nodiscard]] bool is_of_another_part() const { return !listed_ && !part_.has(0); }
  // After the first run: how many first deviations there are in all parts, and which, "57-9c0d1122aabbccdd".
  // Equal for two searches that divide the same.
  [[nodiscard]] std::string divided() const;
  // Once begin() was false: whether all schedules of the part were run.
  [[nodiscard]] bool all() const { return !left_out_; }

 private:
  void divide();

  // Some deviations, and those of which one is to follow.
  struct Waiting {
    std::vector<Deviation> deviations;
    std::deque<Deviation> next;
  };

  // What waits takes memory: if there is this much of it, nothing more is added, and not all schedules are
  // run.
  static constexpr std::size_t waiting_max = 4'000'000;

  unsigned most_;
  PartOfFew part_;
  bool listed_ = false;  // the first run has ended
  std::uint64_t first_count_ = 0;
  std::uint64_t first_hash_ = 0;
  bool left_out_ = false;
  bool begun_ = false;
  std::deque<Waiting> waiting_;
  std::size_t deviations_waiting_ = 0;
  std::vector<Deviation> deviations_;  // of this run
  std::size_t followed_ = 0;           // of them
  std::deque<Deviation> others_;       // that could come after them
  Places places_;
};

}  // namespace sim::schedules
