// SPDX-License-Identifier: GPL-2.0-or-later
// Memory that can be taken back to an earlier state: everything that is allocated on a thread while an arena
// is in use there, and the stacks of fibers.
//
// All of it is in one range of addresses, so that an image of it is a copy of bytes, and what was at an
// address is there again after it was restored. Nothing is constructed or destroyed by that: what an object
// holds elsewhere (descriptors, threads, memory of malloc()) is neither copied nor given back.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "dmcore/kernel/zeroed_memory.h"

namespace sim::rewind {

// Whether the program allocates with this library's operators new and delete (memory.cpp). Not with a
// sanitizer or the search for data races, which have their own; nor if the program itself defines some.
[[nodiscard]] bool supported();

class Arena final : public dmcore::ZeroedMemorySource {
 public:
  // Null if the system gives no more addresses.
  static std::unique_ptr<Arena> create();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena();

  // Everything that was allocated is gone.
  void clear();

  // Never null. Throws std::bad_alloc. `alignment`: a power of two up to 4096.
  void* allocate(std::size_t bytes, std::size_t alignment = minimum);
  void release(void* memory) noexcept;
  // From here on nothing that is given back is used again, until clear(): no two objects have the same
  // address, so that an address tells which object it is.
  void keep_apart() { keeps_apart_ = true; }
  [[nodiscard]] bool contains(const void* memory) const { return memory >= begin_ && memory < end_; }

  // dmcore::ZeroedMemorySource
  void* allocate_zeroed(std::size_t bytes) override;
  bool release_zeroed(void* memory) noexcept override;

  // A stack for a fiber: its top. Throws std::bad_alloc.
  std::byte* take_stack();
  void give_back_stack(std::byte* top);
  static constexpr std::size_t stack_bytes = std::size_t{256} * 1024;
  static constexpr std::size_t stacks_max = 4096;
  // A stack of the arena is used no more, down to here, until it is switched to again: below nothing is kept.
  void suspended(void* stack_pointer) {
    if (stack_pointer < stacks_ || stack_pointer >= begin_) return;
    header().suspended[slot_of(static_cast<std::byte*>(stack_pointer))] =
        static_cast<std::byte*>(stack_pointer);
  }

  // A copy of what is allocated. All stacks must be suspended.
  class Image {
   public:
    // What has to be looked at to save or restore it.
    [[nodiscard]] std::size_t bytes() const { return pages_.size() * page + stacks_.size(); }

   private:
    friend class Arena;
    std::vector<const std::byte*> pages_;  // where the heap's are: in copies_, or in those of an image before
    std::vector<std::byte> copies_;
    std::vector<std::byte> stacks_;
  };
  // `before`: an image from which the arena came, if there is one. Pages that are the same are not copied
  // again, so that one must stay as it is as long as this one is used.
  void save(Image& image, const Image* before = nullptr) const;
  // Writes only to what has changed since.
  void restore(const Image& image);
  // How large an image would be, in bytes.
  [[nodiscard]] std::size_t used() const;

  static constexpr std::size_t minimum = 16;  // the least alignment

 private:
  static constexpr std::size_t page = 4096;
  static constexpr std::size_t heap_bytes = std::size_t{8} << 30U;
  static constexpr std::size_t heap_pages = heap_bytes / page;
  // Classes of sizes: multiples of 16 up to 512, then four for each power of two.
  static constexpr std::size_t small_max = 512;
  static constexpr unsigned small_log = 9;
  static_assert(small_max == std::size_t{1} << small_log);
  static constexpr unsigned small_classes = small_max / minimum;
  static constexpr unsigned classes = small_classes + 4 * 24;
  struct Free {
    Free* next;
  };
  struct Class {
    Free* free;         // given back
    std::byte* unused;  // never given out: up to `unused_end`
    std::byte* unused_end;
  };
  // At the beginning of the heap, so that it is part of each image.
  struct Header {
    std::size_t pages;  // of the heap that are in use, from its beginning on
    std::array<Class, classes> by_class;
    std::size_t stacks;  // that have been taken at some time
    std::uint32_t free_stacks;
    // Of those that are taken, where their bytes begin; of others a null pointer.
    std::array<std::byte*, stacks_max> suspended;
    std::array<std::uint16_t, stacks_max> free_stack;
  };

  Arena(std::byte* stacks, std::uint8_t* class_of_page);
  [[nodiscard]] Header& header() const { return *reinterpret_cast<Header*>(begin_); }  // NOLINT(*-cast)
  static unsigned class_of(std::size_t bytes);
  static std::size_t size_of(unsigned size_class);
  void refill(unsigned size_class);
  [[nodiscard]] std::size_t slot_of(const std::byte* within_stack) const {
    return static_cast<std::size_t>(within_stack - stacks_) / stack_bytes;
  }
  [[nodiscard]] std::byte* top_of(std::size_t slot) const { return stacks_ + (slot + 1) * stack_bytes; }
  template <class Use>
  void for_each_stack(Use use) const;

  std::byte* stacks_;  // all addresses begin with those of the stacks
  std::byte* begin_;   // the heap
  std::byte* end_;
  std::uint8_t* class_of_page_;  // of pages that are in use this never changes
  bool keeps_apart_ = false;
  std::size_t guarded_ = 0;  // stacks that have their guard page
};

// What operator new and delete do on this thread.
struct InUse {
  Arena* allocates = nullptr;  // null: malloc()
  Arena* arena = nullptr;      // that has been entered
};
extern constinit thread_local InUse in_use;

// While it exists, the arena that is in use allocates nothing: for what must outlive the next restore().
class Outside {
 public:
  Outside() : kept_(in_use.allocates) { in_use.allocates = nullptr; }
  Outside(const Outside&) = delete;
  Outside& operator=(const Outside&) = delete;
  ~Outside() { in_use.allocates = kept_; }

 private:
  Arena* kept_;
};

}  // namespace sim::rewind
