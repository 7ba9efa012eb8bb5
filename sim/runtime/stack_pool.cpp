// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/runtime/stack_pool.h"

#include <boost/context/protected_fixedsize_stack.hpp>
#include <vector>

#include "dmcore/kernel/address_sanitizer.h"

#include "sim/rewind/arena.h"

namespace sim {

using dmcore::poison_memory;
using dmcore::unpoison_memory;

namespace {

using boost::context::stack_context;

stack_context map_stack() {
  return boost::context::protected_fixedsize_stack(PooledStack::bytes).allocate();
}

void unmap_stack(stack_context& stack) {
  boost::context::protected_fixedsize_stack(PooledStack::bytes).deallocate(stack);
}

// The guard page, which is never touched, is part of it.
void* bottom_of(const stack_context& stack) {
  return static_cast<char*>(stack.sp) - stack.size;
}

// The stacks that a thread keeps. They are poisoned meanwhile.
class KeptStacks {
 public:
  KeptStacks() { stacks_.reserve(kept_max); }
  KeptStacks(const KeptStacks&) = delete;
  KeptStacks& operator=(const KeptStacks&) = delete;
  ~KeptStacks() {
    ended_ = true;
    for (stack_context& stack : stacks_) {
      unpoison_memory(bottom_of(stack), stack.size);
      unmap_stack(stack);
    }
  }

  // A machine that is a static object ends after its thread's stacks.
  [[nodiscard]] static bool ended() { return ended_; }

  [[nodiscard]] bool empty() const { return stacks_.empty(); }
  [[nodiscard]] bool full() const { return stacks_.size() == kept_max; }
  void add(const stack_context& stack) { stacks_.push_back(stack); }
  stack_context take() {
    const stack_context stack = stacks_.back();
    stacks_.pop_back();
    return stack;
  }

 private:
  // 16 MiB of addresses, and of memory as much of it as fibers have used.
  static constexpr std::size_t kept_max = 64;

  // Not destroyed with the thread's other objects.
  static thread_local bool ended_;
  std::vector<stack_context> stacks_;
};

thread_local bool KeptStacks::ended_ = false;
thread_local KeptStacks kept;

}  // namespace

stack_context PooledStack::allocate() {
  if (rewind::in_use.allocates != nullptr) {
    stack_context stack;
    stack.sp = rewind::in_use.allocates->take_stack();
    stack.size = bytes;
    return stack;
  }
  if (KeptStacks::ended() || kept.empty()) return map_stack();
  const stack_context stack = kept.take();
  unpoison_memory(bottom_of(stack), stack.size);
  return stack;
}

void PooledStack::deallocate(stack_context& stack) {
  if (rewind::in_use.arena != nullptr) {
    rewind::in_use.arena->give_back_stack(static_cast<std::byte*>(stack.sp));
    return;
  }
  if (KeptStacks::ended() || kept.full()) {
    unmap_stack(stack);
    return;
  }
  poison_memory(bottom_of(stack), stack.size);
  kept.add(stack);
}

}  // namespace sim
