// SPDX-License-Identifier: GPL-2.0-or-later
// Words as people and shells write them: what the scenario language and the readers of real tables share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dmcore/block/block_device.h"

namespace sim {

// A word as it is typed in a shell, quoted only if necessary: Python's shlex.quote().
std::string shlex_quote(std::string_view word);

// "8:16": a device number within the limits of the kernel's dev_t, with a major number that is not 0.
std::optional<dmcore::DevT> parse_device_number(std::string_view word);

}  // namespace sim
