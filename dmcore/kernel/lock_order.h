// SPDX-License-Identifier: GPL-2.0-or-later
// The order in which locks are taken, learnt as they are taken: what the kernel's lockdep does.
//
// Locks are known by class: all locks with the same name follow one rule. If a task ever takes B while it
// holds A, then nobody may take A while holding B, at any distance: the run stops although no deadlock
// happened this time. A second rule is about interrupts: a spin lock that is taken in softirq context may be
// taken in process context only with interrupts off (lock_irq), or the softirq could come in between and spin
// for ever on its own processor.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dmcore {

// A lock's class and name. The string must live as long as the lock (a literal).
struct LockName {
  const char* name;
  std::uint16_t class_id;
};

class LockOrder {
 public:
  static constexpr std::size_t max_classes = 256;

  // The class of that name, made on first use.
  std::uint16_t class_of(const char* name);

  // A task that holds `held` takes a lock of class `taken`. Returns an empty string, or the cycle this would
  // close.
  std::string acquire(const std::vector<const LockName*>& held, const LockName& taken) {
    for (const LockName* lock : held) {
      if (lock->class_id != taken.class_id && !after_[lock->class_id][taken.class_id]) {
        std::string cycle = learn(lock->class_id, taken.class_id);
        if (!cycle.empty()) return cycle;
      }
    }
    return {};
  }

  // Remembers how a spin lock's class was taken. Returns an empty string, or why this can deadlock.
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
