// SPDX-License-Identifier: GPL-2.0-or-later
// The prefixes of log lines after "device-mapper: ": DM_MSG_PREFIX of drivers/md/dm-clone-target.c and
// drivers/md/dm-clone-metadata.c.
#pragma once

#include <string_view>

namespace dmclone {

inline constexpr std::string_view log_prefix = "clone";
inline constexpr std::string_view metadata_log_prefix = "clone metadata";

}  // namespace dmclone
