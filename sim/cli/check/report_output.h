// SPDX-License-Identifier: GPL-2.0-or-later
// What `dmsim check` prints about a file.
#pragma once

#include <string>

#include "sim/metadata/finding.h"

namespace sim::cli {

// Of a file that could be opened, or of one that could not, with the reason.
std::string text_of(const std::string& file, const metadata::Report& report);
// A JSON object, on one line.
std::string json_of(const std::string& file, const metadata::Report& report);
std::string json_of_unopened(const std::string& file, const std::string& reason);

}  // namespace sim::cli
