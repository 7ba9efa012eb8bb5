// SPDX-License-Identifier: GPL-2.0-or-later
// The two notations, for read_dump().
#pragma once

#include <string>

#include "sim/metadata/contents.h"

namespace sim::cli {

// Both throw Mistake.
metadata::Contents read_xml_dump(const std::string& file, const std::string& text);
metadata::Contents read_json_dump(const std::string& file, const std::string& text);

}  // namespace sim::cli
