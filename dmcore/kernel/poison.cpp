// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/kernel/poison.h"

#include <algorithm>
#include <cstring>

#include "dmcore/kernel/address_sanitizer.h"

namespace dmcore {

void poison(std::span<std::byte> memory) {
  std::memset(memory.data(), std::to_integer<int>(poison_free), memory.size());
  poison_memory(memory.data(), memory.size());
}

std::size_t unpoison(std::span<std::byte> memory) {
  unpoison_memory(memory.data(), memory.size());
  // All bytes are the first one's neighbour's: memcmp() compares many at once.
  const std::byte* const begin = memory.data();
  if (begin[0] == poison_free && std::memcmp(begin, begin + 1, memory.size() - 1) == 0) return memory.size();
  const auto changed =
      std::find_if(memory.begin(), memory.end(), [](std::byte b) { return b != poison_free; });
  return static_cast<std::size_t>(changed - memory.begin());
}

}  // namespace dmcore
