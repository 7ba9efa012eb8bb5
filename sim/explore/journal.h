// SPDX-License-Identifier: GPL-2.0-or-later
// How to undo what was done since some moment.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace sim::explore {

class Journal {
 public:
  // Nothing is noted unless it is on.
  [[nodiscard]] bool on() const { return on_; }
  void turn_on() { on_ = true; }
  // What was noted is done for good.
  void turn_off() {
    on_ = false;
    undo_.clear();
  }

  // To be called before a change.
  void note(std::function<void()> undo) {
    if (on_) undo_.push_back(std::move(undo));
  }
  [[nodiscard]] std::size_t now() const { return undo_.size(); }
  // Back to that moment.
  void undo_to(std::size_t moment) {
    // What undoes a change may change more, which is not to be noted.
    const bool on = std::exchange(on_, false);
    while (undo_.size() > moment) {
      undo_.back()();
      undo_.pop_back();
    }
    on_ = on;
  }

 private:
  bool on_ = false;
  std::vector<std::function<void()>> undo_;
};

}  // namespace sim::explore
