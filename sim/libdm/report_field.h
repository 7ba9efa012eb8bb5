// SPDX-License-Identifier: GPL-2.0-or-later
// What a report is made of: the fields that a program offers, and their values for one object.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sim::libdm {

struct Field {
  std::uint32_t type;  // a bit: what the program has to find out about an object for this field
  bool numeric;        // aligned to the right, compared as a number
  std::string_view heading;
  int width;  // columns, at least
  std::string_view id;
};

struct FieldValue {
  std::string text;
  std::uint64_t number = 0;  // what a numeric field is sorted and compared by
};

// The prefix of each type: it may stand before a field's name, and PREFIX_all means all of them.
struct TypePrefix {
  std::uint32_t type;
  std::string_view prefix;
};

// All that a program can report.
struct FieldSet {
  std::span<const Field> fields;
  std::span<const TypePrefix> prefixes;
  std::uint32_t unlisted_types = 0;  // fields of these are left out of the list of fields
};

}  // namespace sim::libdm
