// SPDX-License-Identifier: GPL-2.0-or-later
// Words as people and shells write them: what the scenario language and the readers of real tables share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dmcore/block/block_device.h"

namespace sim {

// A word as one would type it, quoted only if it must be: Python's shlex.quote().
std::string shlex_quote(std::string_view word);

// "8:16": a device number as the kernel can hold one, with a major number that is not 0.
std::optional<dmcore::DevT> parse_device_number(std::string_view word);

}  // namespace sim
