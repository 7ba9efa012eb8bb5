// SPDX-License-Identifier: GPL-2.0-or-later
// Error numbers, and the types of functions that can fail.
//
// Kernel functions return a negative errno value, which a caller can forget to check. Ours return a Status or
// a Result<T>, both [[nodiscard]]. A value that a function produces is in its Result, not in an output
// parameter.
#pragma once

#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace dmcore {

// The values are Linux's (include/uapi/asm-generic/errno.h): log lines and exit codes print them.
enum class Errno : int {
  ok = 0,
  perm = 1,
  noent = 2,
  intr = 4,
  io = 5,
  nxio = 6,
  again = 11,
  nomem = 12,
  acces = 13,
  fault = 14,
  notblk = 15,
  busy = 16,
  exist = 17,
  nodev = 19,
  inval = 22,
  notty = 25,
  nospc = 28,
  range = 34,
  bade = 52,
  nodata = 61,
  time = 62,
  nolink = 67,
  overflow = 75,
  ilseq = 84,
  opnotsupp = 95,
  timedout = 110,
  remoteio = 121,
};

// "EINVAL" for Errno::inval, "OK" for Errno::ok, "E?" for a number that Linux does not name.
std::string_view errno_name(Errno error);

// The negative number, as kernel log lines print it.
constexpr int errno_value(Errno error) {
  return -static_cast<int>(error);
}

// Success or an error. Both Status and Errno values convert to it.
class [[nodiscard]] Status {
 public:
  constexpr Status() = default;
  constexpr Status(Errno error) : error_(error) {}  // NOLINT: `return Errno::inval;` is the idiom
  [[nodiscard]] constexpr bool ok() const { return error_ == Errno::ok; }
  [[nodiscard]] constexpr Errno error() const { return error_; }
  friend constexpr bool operator==(Status, Status) = default;

  // For callers that deliberately do nothing about a failure.
  constexpr void ignore() const {}

 private:
  Errno error_ = Errno::ok;
};

// A value or an error.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Errno> {
  using Base = tl::expected<T, Errno>;

 public:
  using Base::Base;
  Result(Errno error) : Base(tl::unexpect, error) {}             // NOLINT: as Status
  Result(Status status) : Base(tl::unexpect, status.error()) {}  // NOLINT: a failed Status only
  [[nodiscard]] bool ok() const { return this->has_value(); }
  [[nodiscard]] Status status() const { return ok() ? Status() : Status(this->error()); }
  // As Status::ignore().
  void ignore() const {}
};

}  // namespace dmcore

// Returns from the calling function with the error of `expression` (a Status or a Result), if it is one.
#define DMCORE_TRY(expression)                                                       \
  do {                                                                               \
    if (auto try_result = (expression); !try_result.ok()) return try_result.error(); \
  } while (false)

// The same for a Result; otherwise its value is moved to `target`, a variable or the declaration of one.
#define DMCORE_TRY_ASSIGN(target, expression) \
  DMCORE_TRY_ASSIGN_TO(target, expression, DMCORE_CONCATENATE(try_result_, __LINE__))
// NOLINTBEGIN(bugprone-macro-parentheses): names that are declared
#define DMCORE_TRY_ASSIGN_TO(target, expression, result) \
  auto result = (expression);                            \
  if (!result.ok()) return result.error();               \
  target = *std::move(result)
// NOLINTEND(bugprone-macro-parentheses)
#define DMCORE_CONCATENATE(a, b) DMCORE_CONCATENATE_EXPANDED(a, b)
#define DMCORE_CONCATENATE_EXPANDED(a, b) a##b
