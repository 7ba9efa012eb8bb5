// SPDX-License-Identifier: GPL-2.0-or-later
// Calls a function again and again, each time from a mark on that it set in its first call: what it had made
// until then, on the heap and on its stacks, is restored, and not made once more.
#pragma once

#include <boost/context/detail/fcontext.hpp>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>

#include "sim/rewind/arena.h"

namespace sim::rewind {

class Rewinder {
 public:
  // Null if there are no addresses for it. `body` runs on a stack of 256 KiB. What it allocates is gone when
  // it ends or leaves, and no destructor is called for it.
  static std::unique_ptr<Rewinder> create(std::function<void(Rewinder&)> body);
  Rewinder(const Rewinder&) = delete;
  Rewinder& operator=(const Rewinder&) = delete;
  ~Rewinder();

  // Calls body, or continues it at its mark. Throws what it throws. Not from within a body.
  void run();

  // The rest is for body, on any of its stacks.
  // Sets the mark; later ones do nothing. Returns in each run that begins there. From then on no two objects
  // have the same address.
  void mark();
  // Ends the run: does not return.
  [[noreturn]] void leave();

 private:
  enum class Why : unsigned char { mark, end };

  // An arena, and an image of it.
  struct Memory {
    std::unique_ptr<Arena> arena;
    Arena::Image image;
  };
  class Kept;

  Rewinder(Memory memory, std::function<void(Rewinder&)> body);
  static void enter(boost::context::detail::transfer_t from);
  void switch_out(Why why);

  Memory memory_;
  std::function<void(Rewinder&)> body_;
  bool marked_ = false;
  boost::context::detail::fcontext_t at_mark_ = nullptr;
  boost::context::detail::fcontext_t outside_ = nullptr;  // who called run()
  Why why_ = Why::end;
  std::exception_ptr failure_;
};

}  // namespace sim::rewind
