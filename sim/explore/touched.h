// SPDX-License-Identifier: GPL-2.0-or-later
// What touched the parts of objects, by the kind of access.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <utility>

#include "dmcore/kernel/step.h"

namespace sim::explore {

// `Who`: a set of those that did, empty at the beginning.
template <class Who>
class Touched {
 public:
  using ByKind = std::array<Who, dmcore::access_kinds>;

  // Calls use(who) for those that come before the access (dmcore::comes_before()).
  template <class Use>
  void for_each_before(const dmcore::Access& access, Use use) const {
    if (access.kind == dmcore::AccessKind::none) return;
    const auto meet = [&](const ByKind& touched) {
      for (std::size_t number = 0; number < dmcore::access_kinds; ++number) {
        const auto kind = static_cast<dmcore::AccessKind>(number);
        if (comes_before(kind, access.kind)) use(touched[number]);
      }
    };
    const auto ranges = ranges_.find(access.object);
    if (ranges != ranges_.end()) {
      for (const auto& [range, touched] : ranges->second) {
        if (overlap({.part = range.first, .parts = range.second}, access)) meet(touched);
      }
    }
    if (access.part == dmcore::Access::whole || access.parts != 1) {
      for (auto place = parts_.lower_bound({access.object, 0});
           place != parts_.end() && place->first.first == access.object; ++place) {
        if (overlap({.part = place->first.second}, access)) meet(place->second);
      }
      return;
    }
    for (const std::uint32_t part : {access.part, dmcore::Access::whole}) {
      const auto place = parts_.find({access.object, part});
      if (place != parts_.end()) meet(place->second);
    }
  }
  // Those that touched just that; they stay where they are.
  ByKind& of(const dmcore::Access& access) {
    return access.parts == 1 ? parts_[{access.object, access.part}]
                             : ranges_[access.object][{access.part, access.parts}];
  }
  void clear() {
    parts_.clear();
    ranges_.clear();
  }

 private:
  std::map<std::pair<const void*, std::uint32_t>, ByKind> parts_;
  // Of several parts at once: the first, and how many.
  std::map<const void*, std::map<std::pair<std::uint32_t, std::uint16_t>, ByKind>> ranges_;
};

}  // namespace sim::explore
