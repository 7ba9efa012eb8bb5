// SPDX-License-Identifier: GPL-2.0-or-later
// What a test did not ask for, thrown: GoogleTest reports it, and a machine's run() passes it on.
#pragma once

#include <fmt/format.h>
#include <stdexcept>
#include <string>

#include "sim/host/dm.h"

namespace test {

class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws unless it went well; `what` names the operation.
inline void check(dmcore::Status status, const std::string& what) {
  if (!status.ok()) throw Failure(fmt::format("{}: {}", what, dmcore::errno_name(status.error())));
}

// The value of what went well.
template <class T>
T checked(dmcore::Result<T> result, const std::string& what) {
  check(result.status(), what);
  return std::move(*result);
}

template <class T>
T checked(sim::host::DmResult<T> result, const std::string& what) {
  if (!result.ok()) throw Failure(fmt::format("{}: {}", what, result.error().text));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace test
