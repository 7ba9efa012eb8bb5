// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/kernel/step.h"

namespace dmcore {

std::string_view point_name(Point point) {
  switch (point) {
    case Point::begin:
      return "begin";
    case Point::resume:
      return "resume";
    case Point::spin_lock:
      return "spin_lock";
    case Point::spin_unlock:
      return "spin_unlock";
    case Point::mutex_lock:
      return "mutex_lock";
    case Point::mutex_unlock:
      return "mutex_unlock";
    case Point::rwsem_lock:
      return "rwsem_lock";
    case Point::rwsem_unlock:
      return "rwsem_unlock";
    case Point::atomic:
      return "atomic";
    case Point::flag:
      return "flag";
    case Point::bitmap:
      return "bitmap";
    case Point::wait:
      return "wait";
    case Point::wake:
      return "wake";
    case Point::queue_work:
      return "queue_work";
    case Point::cancel_work:
      return "cancel_work";
    case Point::end_work:
      return "end_work";
    case Point::timer:
      return "timer";
    case Point::submit_bio:
      return "submit_bio";
    case Point::end_bio:
      return "end_bio";
  }
  return "?";
}

namespace {

using Kinds = std::uint32_t;  // a bit for each

template <class... Kind>
constexpr Kinds set_of(Kind... kinds) {
  return ((Kinds{1} << static_cast<unsigned>(kinds)) | ...);
}

// Those whose order with one of that kind can be seen.
constexpr Kinds conflicts_of(AccessKind kind) {
  using enum AccessKind;
  constexpr Kinds changing = set_of(commutes, decides_wait);
  constexpr Kinds counting_down = set_of(dec_and_test, not_last, next_to_last, last);
  constexpr Kinds reading = set_of(read, waits_next);
  constexpr Kinds writing = set_of(write, releases);
  switch (kind) {
    case none:
      return 0;
    case read:
      return changing | counting_down | writing;
    case waits_next:
      return writing | set_of(decides_wait, dec_and_test, last);
    case write:
    case releases:
      return changing | counting_down | writing | reading | set_of(awaits);
    case awaits:
      return writing;
    case commutes:
      return writing | set_of(read) | counting_down;
    case decides_wait:
      return writing | reading | counting_down;
    case dec_and_test:  // it may be the last one, before the other or after it
      return writing | reading | changing | set_of(dec_and_test, next_to_last, last);
    case not_last:
      return writing | set_of(read) | changing | set_of(last);
    case next_to_last:
      return writing | set_of(read) | changing | set_of(dec_and_test, last);
    case last:
      return changing | counting_down | writing | reading;
  }
  return 0;
}

}  // namespace

bool conflict(AccessKind a, AccessKind b) {
  return (conflicts_of(a) & set_of(b)) != 0;
}

bool comes_before(AccessKind first, AccessKind second) {
  return conflict(first, second) && !(first == AccessKind::waits_next && may_end_wait(second));
}

bool conflict(const Access& a, const Access& b) {
  if (a.object != b.object) return false;
  if (!overlap(a, b)) return false;
  return conflict(a.kind, b.kind);
}

bool conflict(const Step& a, const Step& b) {
  return conflict(a.access, b.access) || conflict(a.access, b.also) || conflict(a.also, b.access) ||
         conflict(a.also, b.also);
}

}  // namespace dmcore
