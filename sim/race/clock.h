// SPDX-License-Identifier: GPL-2.0-or-later
// Vector clocks: what has happened before.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace sim::race {

// Tasks have slots, which others get after them; a slot's epochs count what its tasks have released, and
// never begin anew.
using Slot = std::uint16_t;
using Epoch = std::uint32_t;

// For each slot the last epoch that is known; 0: none.
class Clock {
 public:
  [[nodiscard]] Epoch of(Slot slot) const { return slot < epochs_.size() ? epochs_[slot] : 0; }
  void set(Slot slot, Epoch epoch) {
    if (slot >= epochs_.size()) epochs_.resize(slot + std::size_t{1});
    epochs_[slot] = epoch;
  }
  void join(const Clock& other) {
    if (other.epochs_.size() > epochs_.size()) epochs_.resize(other.epochs_.size());
    for (std::size_t i = 0; i < other.epochs_.size(); ++i) {
      epochs_[i] = std::max(epochs_[i], other.epochs_[i]);
    }
  }
  void clear() { epochs_.clear(); }

 private:
  std::vector<Epoch> epochs_;
};

}  // namespace sim::race
