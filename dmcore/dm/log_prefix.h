// SPDX-License-Identifier: GPL-2.0-or-later
// The prefixes of log lines after "device-mapper: ": DM_MSG_PREFIX of drivers/md/dm.c, drivers/md/dm-table.c
// and drivers/md/dm-ioctl.c.
#pragma once

#include <string_view>

namespace dmcore {

inline constexpr std::string_view core_log_prefix = "core";
inline constexpr std::string_view table_log_prefix = "table";
inline constexpr std::string_view control_log_prefix = "ioctl";

}  // namespace dmcore
