// SPDX-License-Identifier: GPL-2.0-or-later
// Cutting up what other programs print.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sim/text/split.h"

namespace sim::tables {

// For a message: the beginning of a text of unknown origin, without keys and control characters.
std::string excerpt(std::string_view text);

// For messages about parts of a file that could not be read.
class Quotes {
 public:
  explicit Quotes(std::string_view file);
  // 'PART', or that it is not shown because the file may contain keys.
  [[nodiscard]] std::string of(std::string_view part) const;

 private:
  bool hidden_;
};

// The value of "NAME:   value"; nothing if the line has another name.
std::optional<std::string_view> property(std::string_view line, std::string_view name);
// "253, 0" or "253:0": both fit 32 bits. Blanks may surround the numbers.
std::optional<std::pair<std::uint32_t, std::uint32_t>> two_numbers(std::string_view text, char between);

}  // namespace sim::tables
