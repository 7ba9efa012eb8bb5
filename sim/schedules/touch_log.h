// SPDX-License-Identifier: GPL-2.0-or-later
// Which steps touched what, in their order. The latest ones can be taken back.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "dmcore/kernel/step.h"

namespace sim::schedules {

class TouchLog {
 public:
  using Number = std::uint32_t;  // of a step

  void clear();
  void add(const dmcore::Access& access, Number step);
  // How often it was added to; and back to when that was so many times.
  [[nodiscard]] std::size_t size() const { return touches_.size(); }
  void back_to(std::size_t size);

  // Calls use(step) for those that come before the access (dmcore::comes_before()), but for those that have
  // another such one after them, as what conflicts with its like has: that is after all before it. Not so
  // what ends a wait: those that wait need not come before it.
  template <class Use>
  void for_each_before(const dmcore::Access& access, Use use) const {
    if (access.kind == dmcore::AccessKind::none) return;
    const auto object = objects_.find(access.object);
    if (object == objects_.end()) return;
    for (std::uint32_t place = object->second; place != none; place = parts_[place].next) {
      const Part& part = parts_[place];
      if (!overlap({.part = part.first, .parts = part.parts}, access)) continue;
      for (std::uint32_t touch = part.last; touch != none; touch = touches_[touch].before) {
        const dmcore::AccessKind kind = touches_[touch].kind;
        if (comes_before(kind, access.kind)) use(touches_[touch].step);
        if (conflict(kind, kind) && !may_end_wait(kind)) break;
      }
    }
  }
  // Calls is_it(step) for those that touched just that part of the object, from the last one back, until it
  // returns true.
  template <class IsIt>
  void find_last(const dmcore::Access& access, IsIt is_it) const {
    const std::uint32_t place = find(access);
    if (place == none) return;
    for (std::uint32_t touch = parts_[place].last; touch != none; touch = touches_[touch].before) {
      if (is_it(touches_[touch].step)) return;
    }
  }

 private:
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  struct Touch {
    Number step;
    dmcore::AccessKind kind;
    std::uint32_t place;   // of the part
    std::uint32_t before;  // the one before it of the same
  };
  // What some touched: one part of an object or several.
  struct Part {
    std::uint32_t first;
    std::uint16_t parts;
    std::uint32_t last;  // touch
    std::uint32_t next;  // place of others of the object
  };

  [[nodiscard]] std::uint32_t find(const dmcore::Access& access) const;

  std::vector<Touch> touches_;
  std::vector<Part> parts_;
  std::unordered_map<const void*, std::uint32_t> objects_;  // the place of its first part
};

}  // namespace sim::schedules
