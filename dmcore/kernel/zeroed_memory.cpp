// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/kernel/zeroed_memory.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <new>

namespace dmcore {

constinit thread_local ZeroedMemorySource* zeroed_memory_source = nullptr;

ZeroedWords zeroed_words(std::uint64_t count) {
  count = std::max<std::uint64_t>(count, 1);
  if (count > std::numeric_limits<std::size_t>::max() / sizeof(std::uint64_t)) throw std::bad_alloc();
  void* const memory = zeroed_memory_source != nullptr
                           ? zeroed_memory_source->allocate_zeroed(count * sizeof(std::uint64_t))
                           : std::calloc(count, sizeof(std::uint64_t));
  if (memory == nullptr) throw std::bad_alloc();
  return ZeroedWords(static_cast<std::uint64_t*>(memory));
}

void FreeZeroed::operator()(std::uint64_t* words) const noexcept {
  if (zeroed_memory_source != nullptr && zeroed_memory_source->release_zeroed(words)) return;
  std::free(words);
}

}  // namespace dmcore
