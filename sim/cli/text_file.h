// SPDX-License-Identifier: GPL-2.0-or-later
// Reading what the user named on the command line.
#pragma once

#include <string>

namespace sim::cli {

// The content of a file, or of standard input for "-". Throws Mistake if it cannot be read.
std::string read_text_file(const std::string& path);

}  // namespace sim::cli
