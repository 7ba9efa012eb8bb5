// SPDX-License-Identifier: GPL-2.0-or-later
// Memory that was freed and must not be used (mm/slub.c, slub_debug=P).
#pragma once

#include <cstddef>
#include <span>

namespace dmcore {

// POISON_FREE (include/linux/poison.h). As a pointer no valid address.
inline constexpr std::byte poison_free{0x6b};

// Fills freed memory. AddressSanitizer, if it is there, reports all uses of it from now on.
void poison(std::span<std::byte> memory);
// The memory is to be used again: the offset of the first byte that was changed since poison(), or its size.
[[nodiscard]] std::size_t unpoison(std::span<std::byte> memory);

}  // namespace dmcore
