// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/runtime/fiber.h"

// With AddressSanitizer g++ defines a macro, and clang a feature.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DMSIM_ADDRESS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define DMSIM_ADDRESS_SANITIZER
#endif

#if defined(DMSIM_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace sim {

namespace {

void about_to_switch([[maybe_unused]] void** save, [[maybe_unused]] const void* bottom,
                     [[maybe_unused]] std::size_t size) {
#if defined(DMSIM_ADDRESS_SANITIZER)
  __sanitizer_start_switch_fiber(save, bottom, size);
#endif
}

void have_switched([[maybe_unused]] void* saved, [[maybe_unused]] const void** bottom,
                   [[maybe_unused]] std::size_t* size) {
#if defined(DMSIM_ADDRESS_SANITIZER)
  __sanitizer_finish_switch_fiber(saved, bottom, size);
#endif
}

// Records where the stack is, for AddressSanitizer.
struct KnownStack {
  boost::context::protected_fixedsize_stack allocator{Fiber::stack_bytes};
  const void** bottom;
  std::size_t* size;

  boost::context::stack_context allocate() {
    boost::context::stack_context stack = allocator.allocate();
    *bottom = static_cast<const char*>(stack.sp) - stack.size;
    *size = stack.size;
#if defined(DMSIM_ADDRESS_SANITIZER)
    // The memory may have been a stack before, and still be poisoned.
    __asan_unpoison_memory_region(*bottom, stack.size);
#endif
    return stack;
  }
  void deallocate(boost::context::stack_context& stack) {
    allocator.deallocate(stack);
  }
};

}  // namespace

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)) {
  KnownStack stack{.allocator = boost::context::protected_fixedsize_stack(stack_bytes),
                   .bottom = &inside_bottom_,
                   .size = &inside_size_};
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

void Fiber::leave() {
  about_to_switch(&inside_fake_stack_, outside_bottom_, outside_size_);
  outside_ = std::move(outside_).resume();
  have_switched(inside_fake_stack_, &outside_bottom_, &outside_size_);
  if (unwinding_) throw FiberUnwind();
}

}  // namespace sim
