// SPDX-License-Identifier: GPL-2.0-or-later
// The operators new and delete of the program: of the arena that is in use, or malloc().
#include <cstdlib>
#include <new>

#include "dmcore/kernel/address_sanitizer.h"

#include "sim/rewind/arena.h"

// In other builds these are AddressSanitizer's, or those of sim/race.
#if !defined(DMCORE_ADDRESS_SANITIZER) && !defined(DMSIM_RACE)

namespace {

using sim::rewind::Arena;
using sim::rewind::in_use;

void* allocate(std::size_t bytes) {
  if (Arena* const arena = in_use.allocates) [[unlikely]]
    return arena->allocate(bytes);
  return std::malloc(bytes == 0 ? 1 : bytes);
}

void* allocate(std::size_t bytes, std::align_val_t alignment) {
  const auto to = static_cast<std::size_t>(alignment);
  if (Arena* const arena = in_use.allocates) [[unlikely]]
    return arena->allocate(bytes, to);
  return std::aligned_alloc(to, (bytes + to) / to * to);
}

void* or_throw(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void release(void* memory) noexcept {
  if (in_use.arena != nullptr && in_use.arena->contains(memory)) [[unlikely]] {
    in_use.arena->release(memory);
  } else {
    std::free(memory);
  }
}

}  // namespace

// The other forms call these.
void* operator new(std::size_t bytes) {
  return or_throw(allocate(bytes));
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return or_throw(allocate(bytes, alignment));
}
void operator delete(void* memory) noexcept {
  release(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  release(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  release(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  release(memory);
}

#endif
