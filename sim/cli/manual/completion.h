// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace sim::cli {
class Program;
}

namespace sim::cli::manual {

// A script for bash that completes subcommands, options, and values that are words of a list, files or
// folders.
std::string bash_completion(const Program& program);

}  // namespace sim::cli::manual
