// SPDX-License-Identifier: GPL-2.0-or-later
// What AddressSanitizer has to know about stacks and pools; nothing without it.
#pragma once

#include <cstddef>

// With AddressSanitizer g++ defines a macro, and clang a feature.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DMCORE_ADDRESS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define DMCORE_ADDRESS_SANITIZER
#endif

#if defined(DMCORE_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace dmcore {

// Another stack is about to be used: `save` keeps what belongs to the current one, null if it ends.
inline void about_to_switch([[maybe_unused]] void** save, [[maybe_unused]] const void* bottom,
                            [[maybe_unused]] std::size_t size) {
#if defined(DMCORE_ADDRESS_SANITIZER)
  __sanitizer_start_switch_fiber(save, bottom, size);
#endif
}

// The first thing on the other stack. Tells where the one before was.
inline void have_switched([[maybe_unused]] void* saved, [[maybe_unused]] const void** bottom,
                          [[maybe_unused]] std::size_t* size) {
#if defined(DMCORE_ADDRESS_SANITIZER)
  __sanitizer_finish_switch_fiber(saved, bottom, size);
#endif
}

// Memory that must not be touched until unpoison_memory().
inline void poison_memory([[maybe_unused]] const void* begin, [[maybe_unused]] std::size_t size) {
#if defined(DMCORE_ADDRESS_SANITIZER)
  __asan_poison_memory_region(begin, size);
#endif
}

inline void unpoison_memory([[maybe_unused]] const void* begin, [[maybe_unused]] std::size_t size) {
#if defined(DMCORE_ADDRESS_SANITIZER)
  __asan_unpoison_memory_region(begin, size);
#endif
}

}  // namespace dmcore
