// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dmcore/dm/target_arguments.h"

#include "dmclone/dialect.h"

namespace dmclone {

// What a clone target of this dialect takes. Refers to the dialect.
dmcore::TargetArguments clone_arguments(const Dialect& dialect);

}  // namespace dmclone
