// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "dmcore/kernel/runtime.h"

namespace sim {

// Events in the order of time; those of the same time in the order in which they were added. A binary heap;
// an event has its index in it, so that any event can be removed.
class EventHeap {
 public:
  using Event = dmcore::Event;

  [[nodiscard]] bool empty() const { return events_.empty(); }
  [[nodiscard]] Event& earliest() const { return *events_.front(); }
  // In no particular order.
  [[nodiscard]] const std::vector<Event*>& events() const { return events_; }

  // The order, as if both were in the heap.
  [[nodiscard]] static bool earlier(const Event* a, const Event* b) {
    return a->when != b->when ? a->when < b->when : a->sequence < b->sequence;
  }

  // Calls use(event) for each of the earliest time, in no particular order. There is one.
  template <class Use>
  void for_each_earliest(Use use) const {
    for_each_earliest(0, use);
  }

  // Ordered by event.when, which must not change until the event is removed.
  void add(Event& event);
  void remove(Event& event);
  void clear() { events_.clear(); }

 private:
  // In a heap those of the earliest time are below no others.
  template <class Use>
  void for_each_earliest(std::size_t i, Use& use) const {
    if (i >= events_.size() || events_[i]->when != earliest().when) return;
    use(events_[i]);
    for_each_earliest(2 * i + 1, use);
    for_each_earliest(2 * i + 2, use);
  }
  void sift_up(std::size_t i);
  void sift_down(std::size_t i);
  void swap(std::size_t a, std::size_t b);

  std::vector<Event*> events_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace sim
