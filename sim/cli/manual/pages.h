// SPDX-License-Identifier: GPL-2.0-or-later
// The files that are installed beside the program.
#pragma once

#include <string>
#include <vector>

namespace sim::cli {
class Program;
}

namespace sim::cli::manual {

struct File {
  std::string path;  // below the folder for data of programs, such as /usr/share
  std::string content;
};

// Manual pages of the program, its subcommands and its topics; completion for bash; syntax for vim.
std::vector<File> installed_files(const Program& program);

}  // namespace sim::cli::manual
