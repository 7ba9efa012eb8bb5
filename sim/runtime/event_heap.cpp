// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/runtime/event_heap.h"

#include <utility>

namespace sim {

void EventHeap::add(Event& event) {
  event.sequence = next_sequence_++;
  event.heap_index = events_.size();
  events_.push_back(&event);
  sift_up(event.heap_index);
}

void EventHeap::remove(Event& event) {
  const std::size_t i = event.heap_index;
  Event* last = events_.back();
  events_.pop_back();
  if (last == &event) return;
  events_[i] = last;
  last->heap_index = i;
  sift_up(i);
  sift_down(last->heap_index);
}

void EventHeap::sift_up(std::size_t i) {
  while (i != 0) {
    const std::size_t parent = (i - 1) / 2;
    if (!earlier(events_[i], events_[parent])) return;
    swap(i, parent);
    i = parent;
  }
}

void EventHeap::sift_down(std::size_t i) {
  for (;;) {
    std::size_t first = i;
    for (std::size_t child = 2 * i + 1; child <= 2 * i + 2 && child < events_.size(); ++child) {
      if (earlier(events_[child], events_[first])) first = child;
    }
    if (first == i) return;
    swap(i, first);
    i = first;
  }
}

void EventHeap::swap(std::size_t a, std::size_t b) {
  std::swap(events_[a], events_[b]);
  events_[a]->heap_index = a;
  events_[b]->heap_index = b;
}

}  // namespace sim
