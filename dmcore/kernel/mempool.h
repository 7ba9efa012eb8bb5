// SPDX-License-Identifier: GPL-2.0-or-later
// Memory pools: objects of one type that are allocated and freed all the time.
#pragma once

#include <deque>
#include <vector>

#include "dmcore/kernel/order.h"

namespace dmcore {

// Objects at stable addresses, which are reused after give_back(). The pool destroys all of them at its end,
// also those that were not given back. Any context; take() never fails and never sleeps, unlike
// mempool_alloc(), which may wait for an object to be freed.
template <class T>
class MemPool {
 public:
  MemPool() = default;
  MemPool(const MemPool&) = delete;
  MemPool& operator=(const MemPool&) = delete;

  // The object is new or as its last user left it; the caller initialises it.
  [[nodiscard]] T* take() {
    const order::Unchecked locked("by the pool's lock");
    order::acquire(this);
    ++out_;
    if (!free_.empty()) {
      T* object = free_.back();
      free_.pop_back();
      order::fresh(object, sizeof(T));
      return object;
    }
    return &storage_.emplace_back();
  }
  void give_back(T* object) {
    const order::Unchecked locked("by the pool's lock");
    order::release(this);
    --out_;
    free_.push_back(object);
  }
  // Objects taken and not given back, for leak checks.
  [[nodiscard]] std::size_t out() const { return out_; }

 private:
  std::deque<T> storage_;
  std::vector<T*> free_;
  std::size_t out_ = 0;
};

}  // namespace dmcore
