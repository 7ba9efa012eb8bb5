// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/text/quantities.h"

#include <charconv>
#include <cmath>
#include <fmt/core.h>
#include <limits>
#include <string>

#include "sim/text/printable.h"
#include "sim/text/split.h"

namespace sim {
namespace {

constexpr double seconds_max = 10.0 * 365 * 24 * 3600;

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// The unit in bytes, as a power of two.
std::optional<unsigned> size_shift(std::string_view unit) {
  if (unit.empty() || unit == "s") return dmcore::sector_shift;
  const auto which = std::string_view("KMGT").find(upper(unit[0]));
  const bool binary = unit.size() == 3 && upper(unit[1]) == 'I' && upper(unit[2]) == 'B';
  if (which == std::string_view::npos || (unit.size() != 1 && !binary)) return std::nullopt;
  return static_cast<unsigned>(10 * (which + 1));
}

std::size_t digits_in_front(std::string_view word) {
  return std::min(word.find_first_not_of("0123456789"), word.size());
}

std::optional<dmcore::Duration> from_seconds(double seconds) {
  // The condition is false for NaN, too.
  if (!(seconds >= 0 && seconds <= seconds_max)) return std::nullopt;
  return dmcore::Duration(std::llround(seconds * 1e9));
}

std::optional<double> parse_float(std::string_view word) {
  if (word.starts_with('+')) word.remove_prefix(1);
  const auto digits = without_underscores(word);
  double value = 0;
  if (!digits) return std::nullopt;
  const char* end = digits->data() + digits->size();
  const auto result = std::from_chars(digits->data(), end, value);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::string> without_underscores(std::string_view digits) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); i++) {
    if (digits[i] != '_') {
      out += digits[i];
    } else if (i == 0 || i + 1 == digits.size() || digits[i + 1] == '_') {
      return std::nullopt;
    }
  }
  return out;
}

std::optional<std::uint64_t> parse_size(std::string_view word) {
  const std::string_view digits = word.substr(0, digits_in_front(word));
  const auto shift = size_shift(word.substr(digits.size()));
  std::uint64_t value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (!shift || result.ec != std::errc()) return std::nullopt;
  if (value > (static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) >> *shift))
    return std::nullopt;
  return value << *shift;
}

std::string not_a_size(std::string_view word) {
  const std::size_t digits = digits_in_front(word);
  const std::string_view unit = word.substr(digits);
  if (digits != 0 && size_shift(unit)) return fmt::format("{} is too large for a size", in_quotes(word));
  std::string message = fmt::format(
      "{} is no size; those are a number and s (or nothing: sectors), K, M, G or T (powers of 1024)",
      in_quotes(word));
  // KB is 1000 bytes for some programs and 1024 for others.
  const bool decimal =
      digits != 0 && unit.size() == 2 && upper(unit[1]) == 'B' && size_shift(unit.substr(0, 1));
  if (decimal) message += fmt::format("; did you mean {}?", in_quotes(word.substr(0, digits + 1)));
  return message;
}

std::optional<dmcore::Duration> parse_duration(std::string_view word) {
  struct Unit {
    std::string_view name;
    double seconds;
  };
  // "s" last: the others end in it.
  for (const auto& [unit, seconds] : {Unit{"ns", 1e-9}, Unit{"us", 1e-6}, Unit{"ms", 1e-3}, Unit{"s", 1.0}}) {
    if (!word.ends_with(unit)) continue;
    const auto value = parse_float(word.substr(0, word.size() - unit.size()));
    return value ? from_seconds(*value * seconds) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<dmcore::Duration> parse_seconds(std::string_view word) {
  const std::string_view number = trimmed(word);
  if (const auto seconds = parse_float(number)) return from_seconds(*seconds);
  return parse_duration(number);
}

std::string not_a_duration(std::string_view word, bool seconds) {
  return fmt::format("{} is no time; those are a number and ns, us, ms or s{}", in_quotes(word),
                     seconds ? " (or nothing: seconds)" : "");
}

}  // namespace sim
