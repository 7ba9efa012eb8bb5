// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/runtime/fiber.h"

#include <utility>

#include "dmcore/kernel/address_sanitizer.h"

#include "sim/rewind/arena.h"
#include "sim/runtime/stack_pool.h"

namespace sim {

using boost::context::detail::fcontext_t;
using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;
using dmcore::about_to_switch;
using dmcore::have_switched;

namespace {

// What ran until now is suspended there, or has yet to begin.
fcontext_t suspended(fcontext_t place) {
  if (rewind::Arena* const arena = rewind::in_use.arena) arena->suspended(place);
  return place;
}

}  // namespace

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)), stack_(PooledStack().allocate()) {
  inside_bottom_ = static_cast<const std::byte*>(stack_.sp) - stack_.size;
  inside_size_ = stack_.size;
  inside_ = suspended(make_fcontext(stack_.sp, stack_.size, &Fiber::run_inside));
}

void Fiber::run_inside(transfer_t from) {
  auto& self = *static_cast<Fiber*>(from.data);
  have_switched(nullptr, &self.outside_bottom_, &self.outside_size_);
  self.outside_ = suspended(from.fctx);
  try {
    if (!self.unwinding_) self.body_();
  } catch (const FiberUnwind&) {
    // The stack is unwound.
  }
  self.ended_ = true;
  about_to_switch(nullptr, self.outside_bottom_, self.outside_size_);
  jump_fcontext(self.outside_, nullptr);
}

Fiber::~Fiber() {
  // leave() throws then.
  unwinding_ = true;
  if (!ended_) enter();
  PooledStack().deallocate(stack_);
}

void Fiber::enter() {
  about_to_switch(&outside_fake_stack_, inside_bottom_, inside_size_);
  inside_ = suspended(jump_fcontext(inside_, this).fctx);
  have_switched(outside_fake_stack_, nullptr, nullptr);
}

void Fiber::switch_out() {
  about_to_switch(&inside_fake_stack_, outside_bottom_, outside_size_);
  outside_ = suspended(jump_fcontext(outside_, nullptr).fctx);
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
