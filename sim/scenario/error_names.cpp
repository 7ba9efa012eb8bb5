// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/scenario/error_names.h"

#include <fmt/core.h>

namespace sim::scenario {

std::string error_name(dmcore::Errno error) {
  // Of the two names that Linux has for this number, Python knows the other one.
  if (error == dmcore::Errno::opnotsupp) return "ENOTSUP";
  return std::string(dmcore::errno_name(error));
}

CommandOutput failed_with(dmcore::Errno error) {
  return {{fmt::format("error {}", error_name(error))}, true};
}

}  // namespace sim::scenario
