// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "sim/runtime/deterministic.h"

namespace sim {

// While it exists, the current task is a child of itself: what it starts is named after the operation, so
// that the names of one operation's tasks do not change when another operation is taken out. Costs nothing
// without a watcher.
class LineageScope {
 public:
  // Named "WORD NUMBER": the number tells the operation from others of its kind, wherever they are.
  LineageScope(DeterministicRuntime& runtime, std::string_view word, std::uint64_t number);
  LineageScope(const LineageScope&) = delete;
  LineageScope& operator=(const LineageScope&) = delete;
  ~LineageScope();

 private:
  DeterministicRuntime& runtime_;
  bool watched_;
  Identity outer_;
};

}  // namespace sim
