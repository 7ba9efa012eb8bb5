// SPDX-License-Identifier: GPL-2.0-or-later
// A fault of a disk as the word of a scenario that sim/language reads.
#pragma once

#include <string>

#include "sim/disk/fault.h"

namespace proptests {

std::string text_of(const sim::Fault& fault);

}  // namespace proptests
