// SPDX-License-Identifier: GPL-2.0-or-later
// Which files of the host a clone reads and writes.
#pragma once

#include <string>
#include <sys/types.h>

namespace sim::clone {

// As they were given.
struct FileNames {
  std::string source;
  std::string destination;
  std::string metadata;  // empty: none
};

struct Paths {
  std::string source;
  std::string destination;  // behind symbolic links
  std::string partial;      // the copy, while it is not complete
  std::string metadata;     // empty: none
  ::mode_t mode = 0;        // permissions of what is to become DESTINATION
};

// Throws Refused if one of the files is none that can be used so, or if two of them are the same, whether by
// name, through a symbolic link or as two links to one file.
Paths check_names(const FileNames& names);

}  // namespace sim::clone
