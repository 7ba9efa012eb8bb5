// SPDX-License-Identifier: GPL-2.0-or-later
// Readers for a target's arguments: what dm-table.c offers to constructors, with the same limits and the same
// ideas of what a number is.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dmcore/kernel/errno.h"

namespace dmcore {

// The arguments not yet read.
class ArgSet {
 public:
  explicit ArgSet(std::span<const std::string> args) : args_(args) {}
  [[nodiscard]] std::size_t count() const { return args_.size(); }
  [[nodiscard]] bool empty() const { return args_.empty(); }
  // dm_shift_arg(): the next one, or null.
  const std::string* shift();
  void consume(std::size_t count) { args_ = args_.subspan(count); }
  [[nodiscard]] std::span<const std::string> rest() const { return args_; }

 private:
  std::span<const std::string> args_;
};

// An argument that is a number within limits, and what to say if it is not.
struct ArgLimits {
  unsigned min;
  unsigned max;
  std::string_view error;
};

// dm_read_arg(): the next argument as a number (sscanf "%u" and nothing behind it). Sets `error` on failure.
Result<unsigned> read_arg(const ArgLimits& limits, ArgSet& args, std::string& error);
// dm_read_arg_group(): the same for a number that says how many arguments follow; fewer than that is a
// failure too.
Result<unsigned> read_arg_group(const ArgLimits& limits, ArgSet& args, std::string& error);

// kstrtouint(): base 10 (or the base given), an optional '+', an optional newline at the end, nothing else;
// ERANGE or EINVAL.
Result<std::uint32_t> parse_u32(std::string_view text, unsigned base = 10);
Result<std::uint64_t> parse_u64(std::string_view text, unsigned base = 10);

// What sscanf(text, "%llu%c", &value, &dummy) == 1 accepts: digits, after optional white space, and nothing
// behind them. A number too large for 64 bits wraps around, as the kernel's does.
std::optional<std::uint64_t> scan_u64(std::string_view text);
std::optional<std::uint32_t> scan_u32(std::string_view text);

// How a constructor reads a number. The 32-bit forms differ in what becomes of a larger one.
enum class NumberFormat : std::uint8_t {
  scanned_32,  // scan_u32(): wraps around
  scanned_64,  // scan_u64(): wraps around
  parsed,      // parse_u64(), parse_u32(): refused if it is larger than the type
};
// EINVAL: not a number. ERANGE: larger than 64 bits, and refused for that.
Result<std::uint64_t> read_number(NumberFormat format, std::string_view text);

// The number at the beginning of a text, after white space, as scanf's %llu reads it; `text` then begins
// behind it.
std::optional<std::uint64_t> scan_leading_u64(std::string_view& text);

// strcasecmp() == 0.
bool equal_ignoring_case(std::string_view a, std::string_view b);

// dm_split_args(): the words of a line, separated by white space. A backslash takes away the meaning of the
// character that follows it.
std::vector<std::string> split_args(std::string_view text);

}  // namespace dmcore
