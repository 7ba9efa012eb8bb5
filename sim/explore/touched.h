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

  // Calls use(who) for those whose order with the access can be seen.
  template <class Use>
  void for_each_conflict(const dmcore::Access& access, Use use) const {
    if (access.kind == dmcore::AccessKind::none) return;
    const auto meet = [&](const ByKind& touched) {
      for (std::size_t kind = 0; kind < dmcore::access_kinds; ++kind) {
        if (conflict(static_cast<dmcore::AccessKind>(kind), access.kind)) use(touched[kind]);
      }
    };
    if (access.part == dmcore::Access::whole) {
      for (auto place = parts_.lower_bound({access.object, 0});
           place != parts_.end() && place->first.first == access.object; ++place)
        meet(place->second);
      return;
    }
    for (const std::uint32_t part : {access.part, dmcore::Access::whole}) {
      const auto place = parts_.find({access.object, part});
      if (place != parts_.end()) meet(place->second);
    }
  }
  // Those that touched just that part; they stay where they are.
  ByKind& of(const dmcore::Access& access) { return parts_[{access.object, access.part}]; }
  void clear() { parts_.clear(); }

 private:
  std::map<std::pair<const void*, std::uint32_t>, ByKind> parts_;
};

}  // namespace sim::explore
