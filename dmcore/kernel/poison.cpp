// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/kernel/poison.h"

#include <algorithm>
#include <cstring>

#ifdef __SANITIZE_ADDRESS__
#define DMCORE_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DMCORE_ADDRESS_SANITIZER 1
#endif
#endif
#ifdef DMCORE_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#endif

namespace dmcore {

void poison(std::span<std::byte> memory) {
  std::memset(memory.data(), std::to_integer<int>(poison_free), memory.size());
#ifdef DMCORE_ADDRESS_SANITIZER
  ASAN_POISON_MEMORY_REGION(memory.data(), memory.size());
#endif
}

std::size_t unpoison(std::span<std::byte> memory) {
#ifdef DMCORE_ADDRESS_SANITIZER
  ASAN_UNPOISON_MEMORY_REGION(memory.data(), memory.size());
#endif
  // All bytes are the first one's neighbour's: memcmp() compares many at once.
  const std::byte* const begin = memory.data();
  if (begin[0] == poison_free && std::memcmp(begin, begin + 1, memory.size() - 1) == 0) return memory.size();
  const auto changed =
      std::find_if(memory.begin(), memory.end(), [](std::byte b) { return b != poison_free; });
  return static_cast<std::size_t>(changed - memory.begin());
}

}  // namespace dmcore
