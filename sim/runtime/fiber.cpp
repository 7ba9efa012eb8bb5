// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/runtime/fiber.h"

#include <utility>

#include "dmcore/kernel/address_sanitizer.h"

#include "sim/runtime/stack_pool.h"

namespace sim {

using dmcore::about_to_switch;
using dmcore::have_switched;

namespace {

// Records where the stack is, for AddressSanitizer.
struct KnownStack : PooledStack {
  const void** bottom;
  std::size_t* size;

  boost::context::stack_context allocate() {
    boost::context::stack_context stack = PooledStack::allocate();
    *bottom = static_cast<const char*>(stack.sp) - stack.size;
    *size = stack.size;
    return stack;
  }
};

}  // namespace

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)) {
  KnownStack stack{{}, &inside_bottom_, &inside_size_};
  inside_ = boost::context::fiber(std::allocator_arg, stack, [this](boost::context::fiber&& outside) {
    have_switched(nullptr, &outside_bottom_, &outside_size_);
    outside_ = std::move(outside);
    try {
      if (!unwinding_) body_();
    } catch (const FiberUnwind&) {
      // The stack is unwound.
    }
    about_to_switch(nullptr, outside_bottom_, outside_size_);
    return std::move(outside_);
  });
}

Fiber::~Fiber() {
  if (!inside_) return;
  // Not by Boost, which would throw during the switch, when AddressSanitizer does not know which stack is in
  // use: leave() throws, after the switch.
  unwinding_ = true;
  enter();
}

void Fiber::enter() {
  about_to_switch(&outside_fake_stack_, inside_bottom_, inside_size_);
  inside_ = std::move(inside_).resume();
  have_switched(outside_fake_stack_, nullptr, nullptr);
}

void Fiber::switch_out() {
  about_to_switch(&inside_fake_stack_, outside_bottom_, outside_size_);
  outside_ = std::move(outside_).resume();
  have_switched(inside_fake_stack_, &outside_bottom_, &outside_size_);
}

void Fiber::leave() {
  switch_out();
  if (unwinding_) throw FiberUnwind();
}

bool Fiber::rest() {
  switch_out();
  return !unwinding_;
}

}  // namespace sim
