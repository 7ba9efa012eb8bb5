// SPDX-License-Identifier: GPL-2.0-or-later
// Units that everything shares.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace dmcore {

// A position or a length on a block device, in sectors of 512 bytes whatever the device's block size.
using sector_t = std::uint64_t;

inline constexpr unsigned sector_shift = 9;
inline constexpr std::uint32_t sector_size = 1U << sector_shift;  // bytes

constexpr std::uint64_t to_bytes(sector_t sectors) {
  return sectors << sector_shift;
}
constexpr sector_t to_sectors(std::uint64_t bytes) {
  return bytes >> sector_shift;
}

// Time since the machine's boot. In the deterministic runtime it is virtual and moves only when nothing can
// run.
using Duration = std::chrono::nanoseconds;
using Time = std::chrono::nanoseconds;

// The kernel counts time in jiffies. Kernel code that compares jiffies behaves by their grain, so the grain
// is part of what has to be the same: 100 a second, as in the user-mode kernel that the transcripts come
// from.
inline constexpr std::uint64_t hz = 100;
inline constexpr Duration jiffy = std::chrono::nanoseconds(1'000'000'000 / hz);

// Integer helpers with the kernel's meanings.
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
