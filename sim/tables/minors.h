// SPDX-License-Identifier: GPL-2.0-or-later
// Which device of a file has which minor number.
//
// Tables name the devices below them by number, and their own device by name; nothing in the output of
// `dmsetup table` connects the two. Where no list of numbers was given, this finds out what the tables allow:
// a device is at least as long as what is used of it, no two devices have one number, and none is above
// itself. What that leaves open is decided only by better signs (the length is exact, the name says the
// role), and each decision is noted. A device that everything but its length speaks for is named, too: the
// table may be one that has yet to be loaded, and wrong.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "sim/tables/stack.h"

namespace sim::tables {

// A place where a mapped device is named by its number.
struct MinorUse {
  std::uint32_t minor = 0;
  std::size_t user = 0;  // the device whose table it is
  Place where;
  Reference reference;
};

struct MinorQuestion {
  const Stack* stack = nullptr;
  std::uint32_t major = 0;  // for messages
  std::vector<MinorUse> uses = {};
  std::map<std::uint32_t, std::size_t> known = {};  // minor to device
  // The first uses the second, by its name.
  std::vector<std::pair<std::size_t, std::size_t>> edges = {};
};

// Adds to `known` what can be inferred, and a note for each. What cannot stays out, with a note why.
void infer_minors(MinorQuestion& question, Notes& notes);

// Whether each number could be a device of the file, by itself.
bool minors_are_possible(const MinorQuestion& question);

}  // namespace sim::tables
