// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/kernel/errno.h"

#include <cstring>

namespace dmcore {

std::string_view errno_name(Errno error) {
  if (error == Errno::ok) return "OK";
  // glibc has the same names as the kernel.
  const char* name = strerrorname_np(static_cast<int>(error));
  return name != nullptr ? name : "E?";
}

}  // namespace dmcore
