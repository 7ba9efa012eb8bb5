// SPDX-License-Identifier: GPL-2.0-or-later
// Units and integer helpers for all code.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace dmcore {

// A position or a length on a block device, in sectors of 512 bytes, whatever the logical block size.
using sector_t = std::uint64_t;

inline constexpr unsigned sector_shift = 9;
inline constexpr std::uint32_t sector_size = 1U << sector_shift;  // bytes

constexpr std::uint64_t to_bytes(sector_t sectors) {
  return sectors << sector_shift;
}
constexpr sector_t to_sectors(std::uint64_t bytes) {
  return bytes >> sector_shift;
}

// Time since boot. In the deterministic runtime it is virtual, and passes only while the processor is idle,
// or busy for very long.
using Duration = std::chrono::nanoseconds;
using Time = std::chrono::nanoseconds;

// Jiffies a second (CONFIG_HZ). Code that compares jiffies depends on it, so it is that of the user-mode
// kernel that recorded the transcripts.
inline constexpr std::uint64_t hz = 100;
inline constexpr Duration jiffy = std::chrono::nanoseconds(1'000'000'000 / hz);

// As the kernel's macros of these names.
constexpr std::uint64_t div_round_up(std::uint64_t n, std::uint64_t d) {
  return (n + d - 1) / d;
}
constexpr std::uint64_t round_down(std::uint64_t n, std::uint64_t to) {
  return n - n % to;
}
constexpr std::uint64_t round_up(std::uint64_t n, std::uint64_t to) {
  return div_round_up(n, to) * to;
}
constexpr bool is_power_of_2(std::uint64_t n) {
  return n != 0 && (n & (n - 1)) == 0;
}

}  // namespace dmcore
