// SPDX-License-Identifier: GPL-2.0-or-later
// Errors as transcripts print them.
#pragma once

#include <string>
#include <vector>

#include "dmcore/kernel/errno.h"

namespace sim::scenario {

// A command's output.
using Lines = std::vector<std::string>;

// The error's name as Python's errno.errorcode has it.
std::string error_name(dmcore::Errno error);

// "error EIO", the one line of a command that failed.
Lines error_lines(dmcore::Errno error);

}  // namespace sim::scenario
