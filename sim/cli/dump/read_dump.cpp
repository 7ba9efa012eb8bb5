// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <fmt/format.h>

#include "sim/cli/dump/dump_text.h"
#include "sim/cli/dump/notations.h"
#include "sim/cli/failure.h"
#include "sim/text/printable.h"

namespace sim::cli {

namespace {

// A region is one or the other. Both lists ascend.
void refuse_overlap(const std::string& file, const metadata::Contents& contents) {
  auto lost = contents.lost.ranges().begin();
  for (const metadata::RegionRange& range : contents.hydrated.ranges()) {
    while (lost != contents.lost.ranges().end() && lost->end() <= range.begin) ++lost;
    if (lost != contents.lost.ranges().end() && lost->begin < range.end()) {
      throw Mistake(fmt::format("{}: region {} is both hydrated and lost", printable(file),
                                std::max(range.begin, lost->begin)));
    }
  }
}

}  // namespace

metadata::Contents read_dump(const std::string& file, const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool json = first != std::string::npos && text[first] == '{';
  metadata::Contents contents = json ? read_json_dump(file, text) : read_xml_dump(file, text);
  refuse_overlap(file, contents);
  return contents;
}

}  // namespace sim::cli
