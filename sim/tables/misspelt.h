// SPDX-License-Identifier: GPL-2.0-or-later
// Words of a table that are probably meant to be others.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sim::tables {

struct Misspelling {
  std::string word;
  std::string meant;
};

// The optional words of a table's targets that no dialect has, where it has a similar one. Lines that are no
// targets are left out.
std::vector<Misspelling> misspelt_keywords(std::string_view table);

}  // namespace sim::tables
