// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fmt/format.h>
#include <string>

#include "dmcore/dm/target.h"

namespace dmcore {

// DMEMIT_TARGET_NAME_VERSION: the beginning of a line for integrity measurement (StatusType::ima).
inline std::string ima_name_and_version(const TargetType& type) {
  return fmt::format("target_name={},target_version={}.{}.{}", type.name, type.version[0], type.version[1],
                     type.version[2]);
}

}  // namespace dmcore
