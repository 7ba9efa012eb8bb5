// SPDX-License-Identifier: GPL-2.0-or-later
// Learns the order in which locks are taken, and reports contradictions: lockdep.
//
// All locks with the same name are one class. Once a task took B while it held A, no task may take A while it
// holds B, directly or through other classes: the run stops although no deadlock happened this time. Nesting
// within one class is not checked. A second rule concerns interrupts: a spin lock that is taken in softirq
// context must be taken with interrupts off (lock_irq) in process context; otherwise the softirq could
// interrupt the holder and spin for ever.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dmcore {

// The string must outlive the lock: a literal.
struct LockName {
  const char* name;
  std::uint16_t class_id;
};

class LockOrder {
 public:
  static constexpr std::size_t max_classes = 256;

  // The class of that name; a new one for a new name.
  std::uint16_t class_of(const char* name);

  // Records that a task which holds `held` takes `taken`. Returns a description of the cycle that this
  // closes; empty if there is none.
  std::string acquire(const std::vector<const LockName*>& held, const LockName& taken) {
    for (const LockName* lock : held) {
      if (lock->class_id != taken.class_id && !after_[lock->class_id][taken.class_id]) {
        std::string cycle = learn(lock->class_id, taken.class_id);
        if (!cycle.empty()) return cycle;
      }
    }
    return {};
  }

  // Records in which context a spin lock was taken. Returns why this can deadlock; empty if it cannot.
  std::string note_context(const LockName& taken, bool softirq, bool interrupts_off);

 private:
  struct Usage {
    std::string name;
    bool in_softirq = false;
    bool in_process_with_interrupts_on = false;
  };

  std::string learn(std::uint16_t first, std::uint16_t second);
  bool path(std::uint16_t from, std::uint16_t to, std::vector<std::uint16_t>& trail) const;

  std::vector<Usage> classes_;
  std::vector<std::bitset<max_classes>> after_;  // after_[a][b]: b was taken while a was held
};

}  // namespace dmcore
