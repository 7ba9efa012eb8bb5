// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/rewind/rewinder.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>
#include <optional>
#include <utility>
#include <vector>

namespace sim::rewind {

using boost::context::detail::fcontext_t;
using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;

namespace {

// While it exists, the thread allocates from an arena.
class Entered {
 public:
  explicit Entered(Arena& arena)
      : in_use_(std::exchange(in_use, {&arena, &arena})),
        zeroed_(std::exchange(dmcore::zeroed_memory_source, &arena)) {}
  Entered(const Entered&) = delete;
  Entered& operator=(const Entered&) = delete;
  ~Entered() {
    in_use = in_use_;
    dmcore::zeroed_memory_source = zeroed_;
  }

 private:
  InUse in_use_;
  dmcore::ZeroedMemorySource* zeroed_;
};

// What the C++ ABI keeps for each thread of exceptions that are thrown or caught: a run that is left may be
// anywhere.
class Exceptions {
 public:
  Exceptions() { std::memcpy(kept_.data(), abi::__cxa_get_globals(), sizeof(kept_)); }
  Exceptions(const Exceptions&) = delete;
  Exceptions& operator=(const Exceptions&) = delete;
  ~Exceptions() { std::memcpy(abi::__cxa_get_globals(), kept_.data(), sizeof(kept_)); }

 private:
  std::array<void*, 2> kept_;  // caughtExceptions, uncaughtExceptions
};

}  // namespace

// Of a thread, what is not used now: its memory has been touched before, which is what is dear about a new
// one.
class Rewinder::Kept {
 public:
  static std::optional<Memory> take() {
    if (memories_.empty()) {
      auto arena = Arena::create();
      if (!arena) return std::nullopt;
      return Memory{std::move(arena), {}};
    }
    Memory memory = std::move(memories_.back());
    memories_.pop_back();
    return memory;
  }
  static void give_back(Memory memory) {
    if (memory.marks.size() > 1) memory.marks.resize(1);
    constexpr std::size_t kept_max = 4;
    constexpr std::size_t small = std::size_t{8} << 20U;
    if (memories_.size() < kept_max && memory.arena->used() < small) memories_.push_back(std::move(memory));
  }

 private:
  static thread_local std::vector<Memory> memories_;
};
thread_local std::vector<Rewinder::Memory> Rewinder::Kept::memories_;

std::unique_ptr<Rewinder> Rewinder::create(std::function<void(Rewinder&)> body) {
  if (!supported()) return nullptr;
  auto memory = Kept::take();
  if (!memory) return nullptr;
  return std::unique_ptr<Rewinder>(new Rewinder(*std::move(memory), std::move(body)));
}

Rewinder::Rewinder(Memory memory, std::function<void(Rewinder&)> body)
    : memory_(std::move(memory)), body_(std::move(body)) {}

Rewinder::~Rewinder() {
  Kept::give_back(std::move(memory_));
}

void Rewinder::enter(transfer_t from) {
  auto& self = *static_cast<Rewinder*>(from.data);
  self.outside_ = from.fctx;
  try {
    self.body_(self);
  } catch (...) {
    const Outside outside;
    self.failure_ = std::current_exception();
  }
  self.leave();
}

void Rewinder::switch_out(Why why) {
  why_ = why;
  outside_ = jump_fcontext(outside_, nullptr).fctx;
}

void Rewinder::mark() {
  switch_out(Why::mark);
}

void Rewinder::leave() {
  switch_out(Why::end);
  std::abort();  // never switched to again
}

void Rewinder::set_mark(fcontext_t place) {
  if (marks_ == memory_.marks.size()) memory_.marks.emplace_back();
  const Arena::Image* const before = marks_ == 0 ? nullptr : &memory_.marks[marks_ - 1].image;
  Mark& mark = memory_.marks[marks_++];
  mark.place = place;
  memory_.arena->save(mark.image, before);
  memory_.arena->keep_apart();
}

void Rewinder::run(std::size_t from) {
  Arena& arena = *memory_.arena;
  fcontext_t next = nullptr;
  if (marks_ != 0) {
    marks_ = from + 1;
    next = memory_.marks[from].place;
    arena.restore(memory_.marks[from].image);
  } else {
    arena.clear();
    next = make_fcontext(arena.take_stack(), Arena::stack_bytes, &Rewinder::enter);
  }
  for (;;) {
    {
      const Exceptions exceptions;
      const Entered entered(arena);
      const transfer_t from = jump_fcontext(next, this);
      next = from.fctx;
    }
    arena.suspended(next);
    if (why_ == Why::end) break;
    set_mark(next);
  }
  if (auto failure = std::exchange(failure_, nullptr)) std::rethrow_exception(std::move(failure));
}

}  // namespace sim::rewind
