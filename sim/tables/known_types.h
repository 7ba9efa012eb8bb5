// SPDX-License-Identifier: GPL-2.0-or-later
// The types of target that a machine of dmsim has, and what they declare about their arguments.
#pragma once

#include <string_view>

#include "dmcore/dm/target_arguments.h"

#include "dmclone/dialect.h"

namespace sim::tables {

bool is_known_type(std::string_view type);

// Null if there is no such type. `dialect` is that of clone targets; the result is as durable as the program.
const dmcore::TargetArguments* declared_arguments(std::string_view type, const dmclone::Dialect& dialect);

}  // namespace sim::tables
