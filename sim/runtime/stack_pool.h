// SPDX-License-Identifier: GPL-2.0-or-later
// Stacks for fibers.
#pragma once

#include <boost/context/stack_context.hpp>
#include <cstddef>

namespace sim {

// A stack allocator as Boost.Context wants it. Mapping a stack, its guard page and its memory takes longer
// than a small machine's whole run; so each OS thread keeps some of the stacks that were given back on it for
// its next fibers. Their content is left as it is. A stack may be given back on another thread than the one
// that took it.
struct PooledStack {
  static constexpr std::size_t bytes = 256 * 1024;

  boost::context::stack_context allocate();
  void deallocate(boost::context::stack_context& stack);
};

}  // namespace sim
