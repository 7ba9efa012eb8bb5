// SPDX-License-Identifier: GPL-2.0-or-later
// Arrays that may be large, and are zero at the beginning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace dmcore {

// Where they come from. Without one calloc() gives them, whose pages the system zeroes when they are first
// accessed: of a large array that is mostly zero only a part takes memory.
class ZeroedMemorySource {
 public:
  // Zeroes. Throws std::bad_alloc.
  virtual void* allocate_zeroed(std::size_t bytes) = 0;
  // False if the memory is not its own.
  virtual bool release_zeroed(void* memory) noexcept = 0;

 protected:
  ~ZeroedMemorySource() = default;
};
// Of this thread; null: none. For what copies and restores the memory of a machine.
extern constinit thread_local ZeroedMemorySource* zeroed_memory_source;

struct FreeZeroed {
  void operator()(std::uint64_t* words) const noexcept;
};
using ZeroedWords = std::unique_ptr<std::uint64_t[], FreeZeroed>;
// At least one. Throws std::bad_alloc.
ZeroedWords zeroed_words(std::uint64_t count);

}  // namespace dmcore
