// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/dm/args.h"

#include <limits>

namespace dmcore {

namespace {

// The kernel's isspace() uses a Latin-1 table (lib/ctype.c), in which the no-break space is a space too.
bool is_space(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == ' ' || (byte >= '\t' && byte <= '\r') || byte == 0xa0;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// The value of a hexadecimal digit; 16 if it is none.
unsigned digit_value(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a' + 10) : 16;
}

struct Digits {
  std::uint64_t value = 0;  // modulo 2^64
  std::size_t count = 0;
  bool overflow = false;
};

// _parse_integer() of lib/kstrtox.c.
Digits read_digits(std::string_view text, unsigned base) {
  Digits digits;
  for (const char c : text) {
    const unsigned digit = digit_value(c);
    if (digit >= base) break;
    digits.overflow =
        digits.overflow || digits.value > (std::numeric_limits<std::uint64_t>::max() - digit) / base;
    digits.value = digits.value * base + digit;
    ++digits.count;
  }
  return digits;
}

bool has_hex_prefix(std::string_view text) {
  return text.size() > 2 && text[0] == '0' && to_lower(text[1]) == 'x' && digit_value(text[2]) < 16;
}

// _parse_integer_fixup_radix(): base 0 is given by the prefix; in base 16 the prefix is optional.
unsigned fix_up_radix(std::string_view& text, unsigned base) {
  if (base == 0) {
    if (has_hex_prefix(text)) {
      base = 16;
    } else {
      base = !text.empty() && text[0] == '0' ? 8 : 10;
    }
  }
  const bool prefixed = text.size() > 1 && text[0] == '0' && to_lower(text[1]) == 'x';
  if (base == 16 && prefixed) text.remove_prefix(2);
  return base;
}

Result<unsigned> read_checked(const ArgLimits& limits, ArgSet& args, std::string& error, bool group) {
  const std::string* arg = args.shift();
  const std::optional<std::uint32_t> value = arg != nullptr ? scan_u32(*arg) : std::nullopt;
  if (!value || *value < limits.min || *value > limits.max || (group && args.count() < *value)) {
    error = limits.error;
    return Errno::inval;
  }
  return *value;
}

}  // namespace

const std::string* ArgSet::shift() {
  if (args_.empty()) return nullptr;
  const std::string* first = &args_.front();
  args_ = args_.subspan(1);
  return first;
}

Result<unsigned> read_arg(const ArgLimits& limits, ArgSet& args, std::string& error) {
  return read_checked(limits, args, error, false);
}

Result<unsigned> read_arg_group(const ArgLimits& limits, ArgSet& args, std::string& error) {
  return read_checked(limits, args, error, true);
}

Result<std::uint64_t> parse_u64(std::string_view text, unsigned base) {
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  base = fix_up_radix(text, base);
  const Digits digits = read_digits(text, base);
  if (digits.overflow) return Errno::range;
  if (digits.count == 0) return Errno::inval;
  text.remove_prefix(digits.count);
  if (!text.empty() && text[0] == '\n') text.remove_prefix(1);
  if (!text.empty()) return Errno::inval;
  return digits.value;
}

Result<std::uint32_t> parse_u32(std::string_view text, unsigned base) {
  DMCORE_TRY_ASSIGN(const std::uint64_t wide, parse_u64(text, base));
  if (wide > std::numeric_limits<std::uint32_t>::max()) return Errno::range;
  return static_cast<std::uint32_t>(wide);
}

std::optional<std::uint64_t> scan_leading_u64(std::string_view& text) {
  std::string_view rest = text;
  while (!rest.empty() && is_space(rest[0])) rest.remove_prefix(1);
  const Digits digits = read_digits(rest, 10);
  if (digits.count == 0) return std::nullopt;
  text = rest.substr(digits.count);
  return digits.value;
}

std::optional<std::uint64_t> scan_u64(std::string_view text) {
  const std::optional<std::uint64_t> value = scan_leading_u64(text);
  return text.empty() ? value : std::nullopt;
}

std::optional<std::uint32_t> scan_u32(std::string_view text) {
  const std::optional<std::uint64_t> value = scan_u64(text);
  if (!value) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

Result<std::uint64_t> read_number(NumberFormat format, std::string_view text) {
  if (format == NumberFormat::parsed) return parse_u64(text);
  const std::optional<std::uint64_t> value = scan_u64(text);
  if (!value) return Errno::inval;
  return format == NumberFormat::scanned_32 ? static_cast<std::uint32_t>(*value) : *value;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  }
  return true;
}

std::vector<std::string> split_args(std::string_view text) {
  std::vector<std::string> words;
  std::size_t i = 0;
  for (;;) {
    while (i < text.size() && is_space(text[i])) ++i;
    if (i == text.size()) return words;
    std::string& word = words.emplace_back();
    while (i < text.size() && !is_space(text[i])) {
      // A backslash at the end of the text is literal.
      if (text[i] == '\\' && i + 1 < text.size()) ++i;
      word += text[i++];
    }
  }
}

}  // namespace dmcore
