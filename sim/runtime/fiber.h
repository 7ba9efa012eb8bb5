// SPDX-License-Identifier: GPL-2.0-or-later
// Fibers: stacks that one OS thread switches between. A thin layer over Boost.Context that tells
// AddressSanitizer which stack is in use.
#pragma once

#include <boost/context/fiber.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>
#include <functional>

namespace sim {

// Thrown through a fiber's stack to unwind it. Whoever catches everything lets it pass.
struct FiberUnwind {};

// A suspended flow of control with its stack. The scheduler enters it, and it leaves to the scheduler.
class Fiber {
 public:
  // The stack is made when the fiber is first entered. `body` must not return.
  explicit Fiber(std::function<void()> body);
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  // Unwinds the fiber's stack, running the destructors of what lives on it.
  ~Fiber();

  // Called by the scheduler: runs the fiber until it calls leave().
  void enter();
  // Called on the fiber: back to whoever entered it. Throws FiberUnwind when the fiber is being destroyed.
  void leave();

  static constexpr std::size_t stack_bytes = 256 * 1024;

 private:
  std::function<void()> body_;
  bool entered_ = false;
  bool unwinding_ = false;
  boost::context::fiber inside_;   // the suspended fiber, while the scheduler runs
  boost::context::fiber outside_;  // the suspended scheduler, while the fiber runs
  // AddressSanitizer's notion of the two stacks; unused without it.
  void* inside_fake_stack_ = nullptr;
  void* outside_fake_stack_ = nullptr;
  const void* inside_bottom_ = nullptr;
  const void* outside_bottom_ = nullptr;
  std::size_t inside_size_ = 0;
  std::size_t outside_size_ = 0;
};

}  // namespace sim
