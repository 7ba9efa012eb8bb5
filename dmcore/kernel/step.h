// SPDX-License-Identifier: GPL-2.0-or-later
// Steps: what a task is about to do, and what it touches by that.
//
// A task is a sequence of steps. Every operation on something that two tasks can touch is declared as one,
// before it is done, so that a search of schedules knows what each task would do next, and which steps
// could as well be exchanged. Where the kernel has one atomic step there is one here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dmcore/kernel/place.h"

namespace dmcore {

// What the task is about to do.
enum class Point : std::uint8_t {
  begin,   // to start: a new task
  resume,  // to return from a wait that has nothing to check
  spin_lock,
  spin_unlock,
  mutex_lock,
  mutex_unlock,
  rwsem_lock,
  rwsem_unlock,
  atomic,
  flag,
  bitmap,
  wait,  // to check what it waits for, to enter a wait queue, or to leave it
  wake,
  queue_work,
  cancel_work,
  end_work,  // a work item has run
  timer,     // to arm or cancel one
  submit_bio,
  end_bio
};
std::string_view point_name(Point point);

// With its place in the source: of the code that calls the primitive, if that passes it on.
struct PointAt {
  PointAt(Point point_in, Place place_in = Place::here()) : point(point_in), place(place_in) {}
  Point point;
  Place place;
};

enum class AccessKind : std::uint8_t {
  none,  // touches nothing that others can see
  read,
  // A read, of a task that waits next: until what it has read is released, or is zero. It is tried before
  // that only: to come later is as if the task had waited.
  waits_next,
  write,
  releases,  // a write that ends the wait for it: for a lock, for a bit
  commutes,  // a change by one whose result the task does not look at: atomic_inc()
  // The same, of one that may decide whether a task has to wait: up from zero, down to zero, a wake-up.
  decides_wait,
  dec_and_test,  // of several such, only which one is the last is seen
  awaits,        // returns when something has been written once: it cannot come before that
  // What a dec_and_test turned out to be, once it was done (Runtime::left()). Two that were not the last one
  // could as well be exchanged.
  not_last,
  next_to_last,
  last,
};
inline constexpr std::size_t access_kinds = static_cast<std::size_t>(AccessKind::last) + 1;

struct Access {
  const void* object = nullptr;  // an identity; nothing but Step::waits reads through it
  std::uint32_t part = 0;        // of the object: the bit of a set of flags, the word of a bitmap
  AccessKind kind = AccessKind::none;
  std::uint16_t parts = 1;  // as many from there on

  static constexpr std::uint32_t whole = ~std::uint32_t{0};  // all parts
};
// Whether they have a part in common.
constexpr bool overlap(const Access& a, const Access& b) {
  if (a.part == Access::whole || b.part == Access::whole) return true;
  return a.part < b.part ? b.part - a.part < a.parts : a.part - b.part < b.parts;
}
constexpr Access reads(const void* object, std::uint32_t part = 0) {
  return {object, part, AccessKind::read};
}
constexpr Access writes(const void* object, std::uint32_t part = 0) {
  return {object, part, AccessKind::write};
}
constexpr Access waits_next(const void* object, std::uint32_t part = 0) {
  return {object, part, AccessKind::waits_next};
}
constexpr Access releases(const void* object, std::uint32_t part = 0) {
  return {object, part, AccessKind::releases};
}
constexpr Access decides_wait(const void* object, std::uint32_t part = 0) {
  return {object, part, AccessKind::decides_wait};
}
constexpr Access commutes(const void* object, std::uint32_t part = 0) {
  return {object, part, AccessKind::commutes};
}
constexpr Access counts_down(const void* object) {
  return {object, 0, AccessKind::dec_and_test};
}
constexpr Access awaits(const void* object) {
  return {object, 0, AccessKind::awaits};
}

// Of a counter that was counted down, by what is left. Below zero it is as if each were the last one.
constexpr AccessKind counted_down(std::int64_t left) {
  if (left <= 0) return AccessKind::last;
  return left == 1 ? AccessKind::next_to_last : AccessKind::not_last;
}

// Of a counter that was changed by one and is `count` now. If that is `deciding`, a task that waits for zero
// sees it.
constexpr AccessKind changed_to(std::int64_t count, std::int64_t deciding) {
  return count == deciding ? AccessKind::decides_wait : AccessKind::commutes;
}

// Whether a task that does now what the access says would only wait, until another task has done what is
// AccessKind::releases to the same part of the object.
using Waits = bool (*)(const Access& access);

struct Step {
  Point point = Point::begin;
  const char* name = "";  // of the object, if it has one; outlives the machine
  Access access;
  Access also;  // a second object that the same operation touches
  // Null: it does not wait. Only if nothing shows whether the task had to wait or came later, and if what
  // releases the object wakes those that wait in the same step: else a lost wake-up would not be found.
  Waits waits = nullptr;
  Place place = {};  // of the call of the primitive

  // Valid while the task is about to take it.
  [[nodiscard]] bool waits_now() const { return waits != nullptr && waits(access); }
};

// Whether it may end the wait of a task that AccessKind::waits_next.
constexpr bool may_end_wait(AccessKind kind) {
  return kind == AccessKind::releases || kind == AccessKind::decides_wait || kind == AccessKind::last;
}

// Whether the order of two accesses can be seen. Never false for two whose order matters.
bool conflict(AccessKind a, AccessKind b);  // of the same part of an object
bool conflict(const Access& a, const Access& b);
bool conflict(const Step& a, const Step& b);

// Of two accesses that were made to the same part of an object: whether the first one comes before the second
// in every run of the same class. Not so a wait that the second one ends: in the other order it is as if
// nothing had happened meanwhile.
bool comes_before(AccessKind first, AccessKind second);

}  // namespace dmcore
