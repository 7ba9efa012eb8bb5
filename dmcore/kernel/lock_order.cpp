// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/kernel/lock_order.h"

#include <algorithm>
#include <fmt/format.h>

namespace dmcore {

std::uint16_t LockOrder::class_of(const char* name) {
  const std::string_view wanted = name;  // compared by length first
  if (classes_.empty()) {
    // As many as a machine with a clone has.
    constexpr std::size_t usual = 64;
    classes_.reserve(usual);
    after_.reserve(usual);
  }
  const auto it =
      std::find_if(classes_.begin(), classes_.end(), [&](const Usage& u) { return u.name == wanted; });
  if (it != classes_.end()) return static_cast<std::uint16_t>(it - classes_.begin());
  // Classes beyond the size of the matrix share the last one: some wrong orders are missed, none is reported
  // falsely.
  if (classes_.size() == max_classes) return max_classes - 1;
  classes_.push_back(Usage{name});
  after_.emplace_back();
  return static_cast<std::uint16_t>(classes_.size() - 1);
}

bool LockOrder::path(std::uint16_t from, std::uint16_t to, std::vector<std::uint16_t>& trail) const {
  trail.push_back(from);
  if (from == to) return true;
  const auto classes = static_cast<std::uint16_t>(classes_.size());  // at most max_classes
  for (std::uint16_t next = 0; next < classes; ++next) {
    const bool seen = std::find(trail.begin(), trail.end(), next) != trail.end();
    if (after_[from][next] && !seen && path(next, to, trail)) return true;
  }
  trail.pop_back();
  return false;
}

std::string LockOrder::learn(std::uint16_t first, std::uint16_t second) {
  std::vector<std::uint16_t> trail;
  // Most locks that are taken last are never held while another is taken.
  if (after_[second].any() && path(second, first, trail)) {
    std::string text = fmt::format("lock order: '{}' is taken while '{}' is held, but before that ",
                                   classes_[second].name, classes_[first].name);
    for (std::size_t i = 0; i + 1 < trail.size(); ++i) {
      text += fmt::format("{}'{}' was taken while '{}' was held", i == 0 ? "" : ", and ",
                          classes_[trail[i + 1]].name, classes_[trail[i]].name);
    }
    return text;
  }
  after_[first][second] = true;
  return {};
}

std::string LockOrder::note_context(const LockName& taken, bool softirq, bool interrupts_off) {
  Usage& usage = classes_[taken.class_id];
  if (softirq) {
    usage.in_softirq = true;
  } else if (!interrupts_off) {
    usage.in_process_with_interrupts_on = true;
  }
  if (usage.in_softirq && usage.in_process_with_interrupts_on) {
    return fmt::format(
        "spin lock '{}' is taken in softirq context and, elsewhere, with interrupts on: the softirq could "
        "interrupt the holder and spin for ever",
        usage.name);
  }
  return {};
}

}  // namespace dmcore
