// SPDX-License-Identifier: GPL-2.0-or-later
// What is said about a line of a file: every guess, every replacement, everything that is wrong.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sim::tables {

struct Place {
  std::string file;
  int line = 0;  // from 1; 0: the file as a whole
};

struct Note {
  enum class Kind {
    error,     // the line cannot be used
    assumed,   // the file does not say it
    replaced,  // something stands in for what there is on the real machine
    left_out,  // a device is not made
    refused,   // the kernel's words
    risk,      // the kernel takes it, and it may hurt
    told,      // worth knowing
  };
  Kind kind = Kind::told;
  Place where;
  std::string text;
};

using Notes = std::vector<Note>;

// "FILE:LINE: assumed: text".
std::string format_note(const Note& note);

// Whether something of the file is not as it was on the real machine.
bool is_loss(const Note& note);

}  // namespace sim::tables
