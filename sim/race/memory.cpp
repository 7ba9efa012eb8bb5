// SPDX-License-Identifier: GPL-2.0-or-later
// The operators new and delete of the program: what was remembered of memory is forgotten when it is freed.
#include <cstdlib>
#include <malloc.h>
#include <new>

#include "sim/race/shadow.h"

namespace {

void* allocate(std::size_t bytes, std::size_t alignment = 0) {
  if (bytes == 0) bytes = 1;
  void* const memory = alignment == 0
                           ? std::malloc(bytes)
                           : std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void release(void* memory) {
  if (memory == nullptr) return;
  sim::race::shadow::forget(memory, malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace

// own_copies.sh sends calls of free() here.
extern "C" void dmsim_race_free(void* memory) {
  release(memory);
}

// The other forms call these.
void* operator new(std::size_t bytes) {
  return allocate(bytes);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, static_cast<std::size_t>(alignment));
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
