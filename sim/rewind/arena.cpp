// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/rewind/arena.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <sys/mman.h>
#include <utility>

namespace sim::rewind {

constinit thread_local InUse in_use;

namespace {

// Addresses; memory comes with the first access, and is zero.
std::byte* reserve(std::size_t bytes) {
  void* const memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<std::byte*>(memory);
}

constexpr std::size_t stacks_bytes = Arena::stacks_max * Arena::stack_bytes;

}  // namespace

std::unique_ptr<Arena> Arena::create() {
  std::byte* const stacks = reserve(stacks_bytes + heap_bytes);
  if (stacks == nullptr) return nullptr;
  std::byte* const class_of_page = reserve(heap_pages);
  if (class_of_page == nullptr) {
    munmap(stacks, stacks_bytes + heap_bytes);
    return nullptr;
  }
  static_assert(sizeof(std::uint8_t) == sizeof(std::byte));
  return std::unique_ptr<Arena>(
      new Arena(stacks, reinterpret_cast<std::uint8_t*>(class_of_page)));  // NOLINT(*-reinterpret-cast)
}

bool supported() {
  static const bool supported = [] {
    const auto arena = Arena::create();
    if (!arena) return false;
    const InUse before = std::exchange(in_use, {arena.get(), arena.get()});
    // Called as functions, so that the compiler does not leave them out.
    void* const memory = operator new(1);
    const bool is_ours = arena->contains(memory);
    operator delete(memory);
    in_use = before;
    return is_ours;
  }();
  return supported;
}

Arena::Arena(std::byte* stacks, std::uint8_t* class_of_page)
    : stacks_(stacks),
      begin_(stacks + stacks_bytes),
      end_(begin_ + heap_bytes),
      class_of_page_(class_of_page) {
  clear();
}

Arena::~Arena() {
  munmap(stacks_, stacks_bytes + heap_bytes);
  munmap(class_of_page_, heap_pages);
}

void Arena::clear() {
  keeps_apart_ = false;
  Header& mine = header();
  mine.by_class = {};
  mine.stacks = 0;
  mine.free_stacks = 0;
  mine.pages = (sizeof(Header) + page - 1) / page;
}

unsigned Arena::class_of(std::size_t bytes) {
  if (bytes <= small_max) return static_cast<unsigned>((bytes + minimum - 1) / minimum) - 1;
  const auto log = static_cast<unsigned>(std::bit_width(bytes - 1)) - 1;
  const auto quarter = static_cast<unsigned>((bytes - 1) >> (log - 2)) & 3U;
  return small_classes + (log - small_log) * 4 + quarter;
}

std::size_t Arena::size_of(unsigned size_class) {
  if (size_class < small_classes) return (size_class + 1) * minimum;
  const unsigned log = small_log + (size_class - small_classes) / 4;
  const std::size_t quarter = (size_class - small_classes) % 4;
  return (quarter + 5) << (log - 2);
}

// Pages for more of one size.
void Arena::refill(unsigned size_class) {
  constexpr std::size_t objects_of_medium = 4;
  const std::size_t size = size_of(size_class);
  std::size_t bytes = page;
  if (size > page) {
    bytes = size;
  } else if (size > small_max) {
    bytes = size * objects_of_medium;
  }
  const std::size_t pages = (bytes + page - 1) / page;
  Header& mine = header();
  if (pages > heap_pages - mine.pages) throw std::bad_alloc();
  std::byte* const memory = begin_ + mine.pages * page;
  std::fill_n(class_of_page_ + mine.pages, pages, static_cast<std::uint8_t>(size_class));
  mine.pages += pages;
  const std::size_t objects = pages * page / size;
  mine.by_class[size_class].unused = memory;
  mine.by_class[size_class].unused_end = memory + objects * size;
}

void* Arena::allocate(std::size_t bytes, std::size_t alignment) {
  bytes = std::max<std::size_t>(bytes, 1);
  // An object of a power of two is aligned to its size, as its pages are.
  if (alignment > minimum) bytes = std::bit_ceil(std::max(bytes, alignment));
  if (bytes > heap_bytes) throw std::bad_alloc();
  const unsigned size_class = class_of(bytes);
  Class& from = header().by_class[size_class];
  if (Free* const free = from.free) {
    from.free = free->next;
    return free;
  }
  if (from.unused == from.unused_end) refill(size_class);
  return std::exchange(from.unused, from.unused + size_of(size_class));
}

void Arena::release(void* memory) noexcept {
  if (keeps_apart_) return;
  const auto at = static_cast<std::size_t>(static_cast<std::byte*>(memory) - begin_) / page;
  Class& to = header().by_class[class_of_page_[at]];
  to.free = new (memory) Free{to.free};
}

void* Arena::allocate_zeroed(std::size_t bytes) {
  return std::memset(allocate(bytes), 0, bytes);
}

bool Arena::release_zeroed(void* memory) noexcept {
  if (!contains(memory)) return false;
  release(memory);
  return true;
}

std::byte* Arena::take_stack() {
  Header& mine = header();
  std::size_t slot = mine.stacks;
  if (mine.free_stacks != 0) {
    slot = mine.free_stack[--mine.free_stacks];
  } else if (slot == stacks_max) {
    throw std::bad_alloc();
  } else {
    ++mine.stacks;
  }
  if (slot >= guarded_) {
    mprotect(stacks_ + slot * stack_bytes, page, PROT_NONE);
    guarded_ = slot + 1;
  }
  mine.suspended[slot] = top_of(slot);
  return top_of(slot);
}

void Arena::give_back_stack(std::byte* top) {
  Header& mine = header();
  const std::size_t slot = slot_of(top - 1);
  mine.suspended[slot] = nullptr;
  mine.free_stack[mine.free_stacks++] = static_cast<std::uint16_t>(slot);
}

// That is in use: from where its bytes begin.
template <class Use>
void Arena::for_each_stack(Use use) const {
  for (std::size_t slot = 0; slot < header().stacks; ++slot) {
    std::byte* const bottom = header().suspended[slot];
    if (bottom != nullptr) use(bottom, static_cast<std::size_t>(top_of(slot) - bottom));
  }
}

std::size_t Arena::used() const {
  std::size_t all = header().pages * page;
  for_each_stack([&](const std::byte*, std::size_t bytes) { all += bytes; });
  return all;
}

void Arena::save(Image& image, const Image* before) const {
  const std::size_t pages = header().pages;
  std::vector<std::size_t> changed;
  image.pages_.resize(pages);
  for (std::size_t number = 0; number < pages; ++number) {
    const bool was_there = before != nullptr && number < before->pages_.size();
    const std::byte* const same = was_there ? before->pages_[number] : nullptr;
    if (same != nullptr && std::memcmp(same, begin_ + number * page, page) == 0) {
      image.pages_[number] = same;
    } else {
      changed.push_back(number);
    }
  }
  image.copies_.resize(changed.size() * page);
  std::byte* copy = image.copies_.data();
  for (const std::size_t number : changed) {
    std::memcpy(copy, begin_ + number * page, page);
    image.pages_[number] = copy;
    copy += page;
  }
  image.stacks_.clear();
  for_each_stack([&image](const std::byte* from, std::size_t bytes) {
    image.stacks_.insert(image.stacks_.end(), from, from + bytes);
  });
}

void Arena::restore(const Image& image) {
  std::byte* to = begin_;
  for (const std::byte* const from : image.pages_) {
    if (std::memcmp(to, from, page) != 0) std::memcpy(to, from, page);
    to += page;
  }
  const std::byte* from = image.stacks_.data();
  for_each_stack([&from](std::byte* stack, std::size_t bytes) {
    std::memcpy(stack, from, bytes);
    from += bytes;
  });
}

}  // namespace sim::rewind
