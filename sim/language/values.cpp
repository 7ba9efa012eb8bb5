// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/language/values.h"

#include <charconv>
#include <limits>
#include <utility>

#include "sim/text/quantities.h"
#include "sim/text/split.h"

namespace sim::language {
namespace {

std::optional<std::uint64_t> parse_digits(std::string_view word, int base) {
  const auto digits = without_underscores(word);
  std::uint64_t value = 0;
  if (!digits || digits->empty()) return std::nullopt;
  const char* end = digits->data() + digits->size();
  const auto result = std::from_chars(digits->data(), end, value, base);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Translates Python's syntax to Perl's where they differ: anchors and named groups.
std::string translate_regex(std::string_view pattern) {
  std::string out;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); i++) {
    const char c = pattern[i];
    const std::string_view rest = pattern.substr(i);
    if (c == '\\' && i + 1 < pattern.size()) {
      out += rest.starts_with("\\Z") && !in_class ? "\\z" : std::string(rest.substr(0, 2));
      i++;
    } else if (in_class) {
      in_class = c != ']';
      out += c;
    } else if (c == '[') {
      in_class = true;
      out += c;
      if (rest.substr(1).starts_with('^')) out += pattern[++i];
      // A bracket at the beginning of a class is a member of it.
      if (pattern.substr(i + 1).starts_with(']')) {
        out += '\\';
        out += pattern[++i];
      }
    } else if (c == '^') {
      out += "\\A";
    } else if (c == '$') {
      out += "(?=\\n?\\z)";
    } else if (rest.starts_with("(?P<")) {
      out += "(?<";
      i += 3;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view word) {
  word = trimmed(word);
  const bool negative = word.starts_with('-');
  if (negative || word.starts_with('+')) word.remove_prefix(1);
  const auto value = parse_digits(word, 10);
  if (!value || *value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return std::nullopt;
  return negative ? -static_cast<std::int64_t>(*value) : static_cast<std::int64_t>(*value);
}

std::optional<std::uint64_t> parse_offset(std::string_view word) {
  word = trimmed(word);
  if (word.starts_with('+')) word.remove_prefix(1);
  const std::pair<std::string_view, int> bases[] = {{"0x", 16}, {"0X", 16}, {"0o", 8},
                                                    {"0O", 8},  {"0b", 2},  {"0B", 2}};
  for (const auto& [prefix, base] : bases) {
    if (!word.starts_with(prefix)) continue;
    word.remove_prefix(prefix.size());
    if (word.starts_with('_')) word.remove_prefix(1);
    return parse_digits(word, base);
  }
  // Python refuses leading zeroes: they once meant octal.
  const auto value = parse_digits(word, 10);
  if (word.starts_with('0') && value.value_or(0) != 0) return std::nullopt;
  return value;
}

std::optional<std::vector<std::byte>> parse_hex(std::string_view word) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < word.size();) {
    if (trimmed(word.substr(i, 1)).empty()) {
      i++;
      continue;
    }
    const int high = hex_value(word[i]);
    const int low = i + 1 < word.size() ? hex_value(word[i + 1]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<std::byte>(high * 16 + low));
    i += 2;
  }
  return bytes;
}

std::optional<boost::regex> parse_regex(std::string_view word, std::string& error) {
  const auto flags = boost::regex::perl | boost::regex::no_mod_m | boost::regex::no_mod_s;
  try {
    return boost::regex(translate_regex(word), flags);
  } catch (const boost::regex_error& wrong) {
    // Boost appends the pattern to the reason.
    const std::string text = wrong.what();
    error = text.substr(0, text.find("  "));
    return std::nullopt;
  }
}

}  // namespace sim::language
