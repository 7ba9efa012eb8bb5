// SPDX-License-Identifier: GPL-2.0-or-later
// Calls a function again and again, each time from a mark on that it set in an earlier call: what it had made
// until then, on the heap and on its stacks, is restored, and not made once more.
#pragma once

#include <boost/context/detail/fcontext.hpp>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <vector>

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

  // Calls body if it has set no mark yet. Else continues it at the mark of that number, from 0 on, which must
  // be there; those after it are gone. Throws what body throws. Not from within a body.
  void run(std::size_t from = 0);
  [[nodiscard]] std::size_t marks() const { return marks_; }
  // What the first one takes; later ones take more.
  [[nodiscard]] std::size_t bytes_of_mark() const { return memory_.marks.front().image.bytes(); }

  // The rest is for body, on any of its stacks.
  // Sets another mark. Returns in each run that begins there. From the first one on no two objects have the
  // same address.
  void mark();
  // Ends the run: does not return.
  [[noreturn]] void leave();

 private:
  enum class Why : unsigned char { mark, end };

  struct Mark {
    boost::context::detail::fcontext_t place = nullptr;
    Arena::Image image;
  };
  // An arena, and images of it.
  struct Memory {
    std::unique_ptr<Arena> arena;
    std::vector<Mark> marks;  // of which the first marks_ are in use
  };
  class Kept;

  Rewinder(Memory memory, std::function<void(Rewinder&)> body);
  static void enter(boost::context::detail::transfer_t from);
  void switch_out(Why why);
  void set_mark(boost::context::detail::fcontext_t place);

  Memory memory_;
  std::function<void(Rewinder&)> body_;
  std::size_t marks_ = 0;
  boost::context::detail::fcontext_t outside_ = nullptr;  // who called run()
  Why why_ = Why::end;
  std::exception_ptr failure_;
};

}  // namespace sim::rewind
