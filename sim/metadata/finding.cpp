// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/metadata/finding.h"

#include <algorithm>
#include <fmt/format.h>

namespace sim::metadata {

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::unreadable:
      return "unreadable";
    case Kind::too_small:
      return "too-small";
    case Kind::not_metadata:
      return "not-metadata";
    case Kind::checksum:
      return "checksum";
    case Kind::block_number:
      return "block-number";
    case Kind::version:
      return "version";
    case Kind::superblock:
      return "superblock";
    case Kind::geometry:
      return "geometry";
    case Kind::beyond_end:
      return "beyond-end";
    case Kind::double_use:
      return "double-use";
    case Kind::node:
      return "node";
    case Kind::empty_node:
      return "empty-node";
    case Kind::keys:
      return "keys";
    case Kind::depth:
      return "depth";
    case Kind::array_block:
      return "array-block";
    case Kind::bitset_length:
      return "bitset-length";
    case Kind::spare_bits:
      return "spare-bits";
    case Kind::space_map_size:
      return "space-map-size";
    case Kind::index_entry:
      return "index-entry";
    case Kind::spare_counts:
      return "spare-counts";
    case Kind::reference_count:
      return "reference-count";
    case Kind::allocated:
      return "allocated";
    case Kind::undercount:
      return "undercount";
    case Kind::overcount:
      return "overcount";
    case Kind::leak:
      return "leak";
  }
  return "";
}

std::string describe(const Finding& finding) {
  const std::string which =
      finding.blocks == 1 ? fmt::format("block {}", finding.block)
                          : fmt::format("blocks {} to {}", finding.block, finding.block + finding.blocks - 1);
  return fmt::format("{}: {} ({})", which, finding.what, finding.path);
}

bool Report::fatal() const {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& one) { return is_fatal(one.kind); });
}

}  // namespace sim::metadata
