// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/runtime/lineage_scope.h"

#include <fmt/format.h>
#include <utility>

namespace sim {

LineageScope::LineageScope(DeterministicRuntime& runtime, std::string_view word, std::uint64_t number)
    : runtime_(runtime), watched_(runtime.watched()) {
  if (!watched_) return;
  const dmcore::Lineage inner = runtime_.child_of_current(fmt::format("{} {}", word, number).c_str());
  outer_ = runtime_.rename({inner, 0, {}});
}

LineageScope::~LineageScope() {
  if (watched_ && !runtime_.dying()) runtime_.rename(std::move(outer_));
}

}  // namespace sim
