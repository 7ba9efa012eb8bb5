// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/manual/document.h"

#include <algorithm>
#include <iterator>

namespace sim::cli::manual {

void add_section(Document& document, std::string title, std::vector<Block> blocks) {
  if (blocks.empty()) return;
  document.blocks.emplace_back(Heading{2, std::move(title)});
  std::move(blocks.begin(), blocks.end(), std::back_inserter(document.blocks));
}

}  // namespace sim::cli::manual
