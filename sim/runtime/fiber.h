// SPDX-License-Identifier: GPL-2.0-or-later
// Fibers: a thin layer over Boost.Context which tells AddressSanitizer which stack is in use.
#pragma once

#include <boost/context/detail/fcontext.hpp>
#include <boost/context/stack_context.hpp>
#include <cstddef>
#include <functional>
#include <span>

namespace sim {

// Thrown to unwind the stack of a fiber. Handlers that catch all exceptions must rethrow it.
struct FiberUnwind {};

// A coroutine with a stack of its own. The scheduler enters it, and it leaves to the scheduler.
class Fiber {
 public:
  // Takes a stack. `body` is called by the first enter(); it returns only when rest() says so.
  explicit Fiber(std::function<void()> body);
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  // Unwinds the stack, which runs the destructors of the objects on it.
  ~Fiber();

  // Called by the scheduler: runs the fiber until it calls leave().
  void enter();
  // Called on the fiber: returns to the scheduler. Throws FiberUnwind when the fiber is destroyed.
  void leave();
  // leave() of a fiber that has nothing on its stack to be unwound: without an exception, which costs
  // microseconds. False when the fiber is destroyed: its body must return.
  [[nodiscard]] bool rest();

  [[nodiscard]] std::span<const std::byte> stack() const {
    return {static_cast<const std::byte*>(inside_bottom_), inside_size_};
  }

 private:
  static void run_inside(boost::context::detail::transfer_t from);
  void switch_out();

  std::function<void()> body_;
  bool unwinding_ = false;
  bool ended_ = false;
  boost::context::stack_context stack_;
  boost::context::detail::fcontext_t inside_ = nullptr;   // the suspended fiber, while the scheduler runs
  boost::context::detail::fcontext_t outside_ = nullptr;  // the suspended scheduler, while the fiber runs
  // The two stacks, for AddressSanitizer.
  void* inside_fake_stack_ = nullptr;
  void* outside_fake_stack_ = nullptr;
  const void* inside_bottom_ = nullptr;
  const void* outside_bottom_ = nullptr;
  std::size_t inside_size_ = 0;
  std::size_t outside_size_ = 0;
};

}  // namespace sim
