// SPDX-License-Identifier: GPL-2.0-or-later
// Caches that give memory back when the kernel asks for it (mm/vmscan.c). Here memory never runs short, but
// user space can ask: `echo 2 > /proc/sys/vm/drop_caches`.
#pragma once

#include <cstdint>

#include "dmcore/kernel/list.h"
#include "dmcore/kernel/lock.h"

namespace dmcore {

// struct shrinker, with `seeks` of 1. Both functions: process context.
class Shrinker {
 public:
  // How many objects could be freed.
  [[nodiscard]] virtual std::uint64_t count_objects() = 0;
  // Frees so many, now or later, and returns how many they were.
  virtual std::uint64_t scan_objects(std::uint64_t nr_to_scan) = 0;

 protected:
  Shrinker() = default;
  ~Shrinker() = default;

 private:
  friend class Shrinkers;
  ListHook hook_;
};

// All of a machine. Process context.
class Shrinkers {
 public:
  explicit Shrinkers(Runtime& runtime) : runtime_(runtime), lock_(runtime, "shrinkers") {}

  // register_shrinker(), unregister_shrinker()
  void add(Shrinker& shrinker);
  void remove(Shrinker& shrinker);
  // drop_slab(): asks all to free what they can.
  void drop_slab();

 private:
  std::uint64_t shrink(Shrinker& shrinker);

  Runtime& runtime_;
  RwSemaphore lock_;  // shrinker_rwsem
  LinkedList<Shrinker, &Shrinker::hook_> shrinkers_;
};

}  // namespace dmcore
