// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/options.h"

#include <algorithm>
#include <charconv>

namespace sim::cli {

std::uint64_t whole_number(const std::string& option, const std::string& text, std::uint64_t min,
                           std::uint64_t max) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  const bool is_number = stop == end && error != std::errc::invalid_argument;
  if (is_number && error == std::errc() && number >= min && number <= max) return number;
  throw CLI::ValidationError(option, fmt::format("'{}' is not a whole number from {} to {}", text, min, max));
}

std::size_t choice(const std::string& option, const std::string& text,
                   const std::vector<std::string>& names) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  throw CLI::ValidationError(option, fmt::format("'{}' is not one of {}", text, fmt::join(names, ", ")));
}

}  // namespace sim::cli
