// SPDX-License-Identifier: GPL-2.0-or-later
// The contents of sectors, as numbers: two are equal if their numbers are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <unordered_map>

#include "dmcore/kernel/types.h"

namespace sim::explore {

using ContentId = std::uint32_t;

// A token stands for what a sector of a disk held when the power was cut, whatever that was. It has bytes,
// which can be written to disks and read back, so that code which only moves data moves tokens as well.
struct Token {
  std::uint32_t disk = 0;
  std::uint32_t sector = 0;
};

class Contents {
 public:
  static constexpr ContentId zeroes = 0;
  using Sector = std::array<std::byte, dmcore::sector_size>;

  Contents() { sectors_.push_back({}); }
  Contents(const Contents&) = delete;
  Contents& operator=(const Contents&) = delete;

  // `bytes`: one sector.
  ContentId number_of(std::span<const std::byte> bytes);
  // Whether the content with that number has these bytes.
  [[nodiscard]] bool has(ContentId id, std::span<const std::byte> bytes) const;
  // `out`: one sector.
  void copy(ContentId id, std::span<std::byte> out) const;

  // A token is known by its number. Larger disks and numbers cannot be explored.
  static constexpr std::uint32_t sectors_max = 1U << 25U;
  static constexpr std::uint32_t disks_max = 1U << 6U;
  [[nodiscard]] static constexpr ContentId number_of(Token token) {
    return token_bit | (token.disk << 25U) | token.sector;
  }
  [[nodiscard]] static constexpr bool is_token(ContentId id) { return (id & token_bit) != 0; }
  [[nodiscard]] static constexpr Token token(ContentId id) {
    return {(id & ~token_bit) >> 25U, id & (sectors_max - 1)};
  }

 private:
  static constexpr ContentId token_bit = 1U << 31U;

  std::deque<Sector> sectors_;  // by number
  std::unordered_map<std::string_view, ContentId> numbers_;
};

}  // namespace sim::explore
