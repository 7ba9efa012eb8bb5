// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/contents.h"

#include <cstring>

#include "dmcore/kernel/memory.h"

#include "sim/rewind/arena.h"

namespace sim::explore {

namespace {

// What the bytes of a token begin with, and no other sector: drawn once.
constexpr std::array<std::uint64_t, 3> token_mark = {0x9d3c4be1f0a25c77, 0x51e86f0b3ad4129e,
                                                     0xc42d97b6185ef30a};

struct TokenBytes {
  std::array<std::uint64_t, 3> mark;
  ContentId id;
};

std::string_view as_text(std::span<const std::byte> bytes) {
  // The bytes of a sector, to be hashed and compared.
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};  // NOLINT(*-reinterpret-cast)
}

}  // namespace

ContentId Contents::number_of(std::span<const std::byte> bytes) {
  if (dmcore::all_zero(bytes)) return zeroes;
  TokenBytes token{};
  std::memcpy(&token, bytes.data(), sizeof(token));
  if (token.mark == token_mark) return token.id;
  const auto known = numbers_.find(as_text(bytes));
  if (known != numbers_.end()) return known->second;
  // A run that is rewound forgets what it has seen, and the numbers must not.
  const rewind::Outside outside;
  const auto id = static_cast<ContentId>(sectors_.size());
  Sector& sector = sectors_.emplace_back();
  std::memcpy(sector.data(), bytes.data(), sector.size());
  numbers_.emplace(as_text(sector), id);
  return id;
}

bool Contents::has(ContentId id, std::span<const std::byte> bytes) const {
  if (!is_token(id)) return std::memcmp(sectors_[id].data(), bytes.data(), dmcore::sector_size) == 0;
  Sector token;
  copy(id, token);
  return std::memcmp(token.data(), bytes.data(), token.size()) == 0;
}

void Contents::copy(ContentId id, std::span<std::byte> out) const {
  if (!is_token(id)) {
    std::memcpy(out.data(), sectors_[id].data(), dmcore::sector_size);
    return;
  }
  const TokenBytes token{token_mark, id};
  std::memset(out.data(), 0, dmcore::sector_size);
  std::memcpy(out.data(), &token, sizeof(token.mark) + sizeof(token.id));
}

}  // namespace sim::explore
