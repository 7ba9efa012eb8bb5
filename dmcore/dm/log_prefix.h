// SPDX-License-Identifier: GPL-2.0-or-later
// What the core's log lines begin with, after "device-mapper: ": DM_MSG_PREFIX of the kernel's files.
#pragma once

#include <string_view>

namespace dmcore {

inline constexpr std::string_view core_log_prefix = "core";      // dm.c
inline constexpr std::string_view table_log_prefix = "table";    // dm-table.c
inline constexpr std::string_view control_log_prefix = "ioctl";  // dm-ioctl.c

}  // namespace dmcore
