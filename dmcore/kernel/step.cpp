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

bool conflict(const Access& a, const Access& b) {
  if (a.kind == AccessKind::none || b.kind == AccessKind::none || a.object != b.object) return false;
  if (a.part != b.part && a.part != Access::whole && b.part != Access::whole) return false;
  if (a.kind != b.kind) return true;
  // Two decrements conflict if either may be the last one, which only who knows the counter could tell.
  return a.kind == AccessKind::write || a.kind == AccessKind::dec_and_test;
}

bool conflict(const Step& a, const Step& b) {
  return conflict(a.access, b.access) || conflict(a.access, b.also) || conflict(a.also, b.access) ||
         conflict(a.also, b.also);
}

}  // namespace dmcore
