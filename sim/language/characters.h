// SPDX-License-Identifier: GPL-2.0-or-later
// Characters of a scenario.
#pragma once

namespace sim::language {

// What separates words.
constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace sim::language
