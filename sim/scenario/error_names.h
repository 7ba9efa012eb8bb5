// SPDX-License-Identifier: GPL-2.0-or-later
// Errors as transcripts print them.
#pragma once

#include <string>
#include <vector>

#include "dmcore/kernel/errno.h"

namespace sim::scenario {

// What a command prints.
using Lines = std::vector<std::string>;
struct CommandOutput {
  Lines lines = {};
  bool failed = false;  // the last line says why
};

// The error's name as Python's errno.errorcode has it.
std::string error_name(dmcore::Errno error);

// "error EIO", the one line of a command that failed.
CommandOutput failed_with(dmcore::Errno error);

}  // namespace sim::scenario
