// SPDX-License-Identifier: GPL-2.0-or-later
// Parsing of target arguments: the functions that drivers/md/dm-table.c offers to constructors, and the
// kernel's number parsers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dmcore/kernel/errno.h"

namespace dmcore {

// struct dm_arg_set: the arguments not yet read.
class ArgSet {
 public:
  explicit ArgSet(std::span<const std::string> args) : args_(args) {}
  [[nodiscard]] std::size_t count() const { return args_.size(); }
  [[nodiscard]] bool empty() const { return args_.empty(); }
  // dm_shift_arg(): removes and returns the next argument; null if there is none.
  const std::string* shift();

 private:
  std::span<const std::string> args_;
};

// struct dm_arg: the limits of a number, and the error if it is not within them.
struct ArgLimits {
  unsigned min;
  unsigned max;
  std::string_view error;
};

// dm_read_arg(): the next argument as a number (sscanf "%u%c"). Sets `error` on failure.
Result<unsigned> read_arg(const ArgLimits& limits, ArgSet& args, std::string& error);
// dm_read_arg_group(): the same for the number of arguments that follow; it also fails if there are fewer.
Result<unsigned> read_arg_group(const ArgLimits& limits, ArgSet& args, std::string& error);

// kstrtouint() and kstrtoull(): an optional '+', digits, an optional newline. ERANGE or EINVAL.
Result<std::uint32_t> parse_u32(std::string_view text, unsigned base = 10);
Result<std::uint64_t> parse_u64(std::string_view text, unsigned base = 10);

// sscanf(text, "%llu%c", &value, &dummy) == 1: optional white space, then digits up to the end. Numbers that
// are too large wrap around, as in the kernel.
std::optional<std::uint64_t> scan_u64(std::string_view text);
std::optional<std::uint32_t> scan_u32(std::string_view text);

// How a constructor reads a number. The 32-bit forms differ in how they treat a larger one.
enum class NumberFormat : std::uint8_t {
  scanned_32,  // scan_u32(): wraps around
  scanned_64,  // scan_u64(): wraps around
  parsed,      // parse_u64(), parse_u32(): refused if it is larger than the type
};
// EINVAL: not a number. ERANGE: larger than 64 bits, and refused for that.
Result<std::uint64_t> read_number(NumberFormat format, std::string_view text);

// sscanf's %llu: reads a number, after optional white space, and removes both from `text`.
std::optional<std::uint64_t> scan_leading_u64(std::string_view& text);

// strcasecmp() == 0.
bool equal_ignoring_case(std::string_view a, std::string_view b);

// dm_split_args(): splits at white space. A backslash makes the next character literal.
std::vector<std::string> split_args(std::string_view text);

}  // namespace dmcore
