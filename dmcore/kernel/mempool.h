// SPDX-License-Identifier: GPL-2.0-or-later
// Memory pools: objects of one type that are allocated and freed all the time.
#pragma once

#include <deque>
#include <fmt/core.h>
#include <new>
#include <span>
#include <vector>

#include "dmcore/kernel/lock.h"
#include "dmcore/kernel/order.h"
#include "dmcore/kernel/poison.h"

namespace dmcore {

// Objects at stable addresses. An object that was given back is destroyed and its memory poisoned until it is
// taken again: a pointer that is read from it is no address, and if it was written to, the machine stops when
// it is taken again or the pool ends. Giving back twice stops the machine, too.
//
// Any context, except take_or_wait(). take() never fails and never sleeps.
template <class T>
class MemPool {
 public:
  // `name` is for reports; not copied. `reserve`: min_nr, how many objects there are even if memory is short.
  MemPool(Runtime& runtime, const char* name, std::size_t reserve = 1)
      : runtime_(runtime), name_(name), reserve_(reserve), waiters_(runtime) {}
  MemPool(const MemPool&) = delete;
  MemPool& operator=(const MemPool&) = delete;
  // All objects should have been given back: the machine stops if some were not. They are destroyed as well.
  ~MemPool() {
    for (Slot& slot : slots_) {
      if (slot.taken) {
        if (!runtime_.dying())
          runtime_.note_violation(fmt::format("'{}' is destroyed before its objects were given back", name_));
        slot.object()->~T();
      } else if (const std::size_t changed = unpoison(slot.bytes);
                 changed != sizeof(T) && !runtime_.dying()) {
        runtime_.note_violation(changed_text(changed));
      }
    }
  }

  // mempool_alloc() with GFP_NOIO: while memory is short, waits until one of the reserve is given back. May
  // sleep.
  [[nodiscard]] T* take_or_wait(Place place = Place::here()) {
    runtime_.might_sleep(name_);
    runtime_.fine_step({Point::atomic, place}, runtime_.using_pool(this), name_);
    const order::Unchecked locked("by the pool's lock");
    while (runtime_.memory_is_short() && out_ >= reserve_)
      waiters_.wait({"memory pool", name_}, {Point::atomic, name_, writes(this), {}, nullptr, place});
    return take();
  }
  // A new object.
  [[nodiscard]] T* take() {
    std::byte* const memory = take_slot().bytes;
    order::fresh(memory, sizeof(T));
    return new (memory) T;
  }
  void give_back(T* object, Place place = Place::here()) {
    // The object is the slot's first member.
    Slot* const slot = reinterpret_cast<Slot*>(object);
    if (!slot->taken) [[unlikely]]
      runtime_.violation(fmt::format("an object of '{}' is given back twice", name_));
    object->~T();
    const order::Unchecked locked("by the pool's lock");
    slot->taken = false;
    poison(slot->bytes);
    free_.push_back(slot);
    --out_;
    if (!waiters_.empty()) [[unlikely]] {
      runtime_.fine_step({Point::atomic, place}, writes(this), name_);
      waiters_.wake_one();
    }
  }
  // Objects taken and not given back, for leak checks.
  [[nodiscard]] std::size_t out() const { return out_; }

 private:
  struct Slot {
    alignas(T) std::byte bytes[sizeof(T)];
    bool taken = false;
    T* object() { return std::launder(reinterpret_cast<T*>(bytes)); }
  };

  Slot& take_slot() {
    const order::Unchecked locked("by the pool's lock");
    Slot* slot = nullptr;
    if (free_.empty() || !runtime_.pools_reuse()) {
      slot = &slots_.emplace_back();
    } else {
      slot = free_.back();
      free_.pop_back();
      if (const std::size_t changed = unpoison(slot->bytes); changed != sizeof(T)) [[unlikely]]
        runtime_.violation(changed_text(changed));
    }
    slot->taken = true;
    ++out_;
    return *slot;
  }

  [[nodiscard]] std::string changed_text(std::size_t at) const {
    return fmt::format("an object of '{}' was written to after it was given back, at byte {} of {}", name_,
                       at, sizeof(T));
  }

  Runtime& runtime_;
  const char* name_;
  std::size_t reserve_;
  TaskQueue waiters_;
  std::deque<Slot> slots_;
  std::vector<Slot*> free_;
  std::size_t out_ = 0;
};

}  // namespace dmcore
