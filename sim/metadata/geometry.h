// SPDX-License-Identifier: GPL-2.0-or-later
// Which sizes a clone can have.
#pragma once

#include <optional>
#include <string_view>

#include "dmcore/kernel/types.h"

namespace sim::metadata {

// Why there can be no clone of `target` sectors with regions of `region_size` sectors, in the words that its
// constructor uses; none if there can.
std::optional<std::string_view> refusal(dmcore::sector_t target, dmcore::sector_t region_size);

}  // namespace sim::metadata
