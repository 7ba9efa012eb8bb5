// SPDX-License-Identifier: GPL-2.0-or-later
// Some of the values of an enum.
#pragma once

#include <cstdint>

namespace dmcore {

// `Kind`: an enum of at most 64 values, from 0 on.
template <class Kind>
class Choices {
 public:
  [[nodiscard]] bool on(Kind kind) const { return (bits_ & bit(kind)) != 0; }
  void put_in(Kind kind) { bits_ |= bit(kind); }
  void put_in(const Choices& others) { bits_ |= others.bits_; }

  friend bool operator==(const Choices&, const Choices&) = default;

 private:
  [[nodiscard]] static constexpr std::uint64_t bit(Kind kind) {
    return std::uint64_t{1} << static_cast<unsigned>(kind);
  }

  std::uint64_t bits_ = 0;
};

}  // namespace dmcore
