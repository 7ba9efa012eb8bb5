// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cerrno>

#include "dmcore/kernel/errno.h"

namespace sim {

// Why the last call of the host failed: its error numbers are Linux's, as are ours.
inline dmcore::Errno last_host_error() {
  return static_cast<dmcore::Errno>(errno);
}

}  // namespace sim
