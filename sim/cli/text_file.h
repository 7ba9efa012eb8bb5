// SPDX-License-Identifier: GPL-2.0-or-later
// Reading what the user named on the command line.
#pragma once

#include <optional>
#include <string>

namespace sim::cli {

// The content of a file, or of standard input for "-". Complains on standard error if it cannot be read.
std::optional<std::string> read_text_file(const std::string& path);

}  // namespace sim::cli
