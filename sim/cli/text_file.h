// SPDX-License-Identifier: GPL-2.0-or-later
// Files that the user named on the command line.
#pragma once

#include <string>

namespace sim::cli {

// The content of a file, or of standard input for "-". Throws Mistake if it cannot be read.
std::string read_text_file(const std::string& path);

// Throws Failure if it cannot be written.
void write_text_file(const std::string& path, const std::string& text);
// The same, but a file appears as a whole or not at all.
void write_complete_file(const std::string& path, const std::string& text);

}  // namespace sim::cli
