// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/version.h"

namespace sim::cli {

std::string_view version() {
  return DMSIM_VERSION;
}

}  // namespace sim::cli
