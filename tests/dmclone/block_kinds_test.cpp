// SPDX-License-Identifier: GPL-2.0-or-later
// The kinds of blocks on a metadata device: each is checked by its own rules, and none is taken for another.
#include <algorithm>
#include <array>
#include <gmock/gmock.h>

#include "dmcore/persistent/array_format.h"
#include "dmcore/persistent/btree_node.h"
#include "dmcore/persistent/checksum.h"
#include "dmcore/persistent/space_map_bitmap.h"

#include "dmclone/superblock.h"

namespace {

using dmcore::BlockValidator;

constexpr std::size_t block_bytes = 4096;
using Block = std::array<std::byte, block_bytes>;

struct Kind {
  const char* name;
  std::uint32_t csum_xor;
};

constexpr std::array kinds = {Kind{"superblock", dmclone::superblock_csum_xor},
                              Kind{"btree node", dmcore::btree_csum_xor},
                              Kind{"array block", dmcore::array_csum_xor},
                              Kind{"index", dmcore::index_csum_xor}, Kind{"bitmap", dmcore::bitmap_csum_xor}};

// A block of zeroes, sealed as number 0 of that kind: each has its checksum first, and a number that fits.
Block sealed(const Kind& kind) {
  alignas(8) Block block{};
  const dmcore::le32 csum = dmcore::block_checksum(block, kind.csum_xor);
  std::memcpy(block.data(), &csum, sizeof csum);
  return block;
}

// What the log says of the block: empty if the checksum fits.
std::string complaint_about_checksum(const BlockValidator& validator, const Block& block) {
  dmcore::KernelLog log([] { return dmcore::Time{}; });
  validator.check(log, 0, block).ignore();
  for (const dmcore::LogLine& line : log.take()) {
    if (line.text.find("csum") != std::string::npos) return line.text;
  }
  return {};
}

TEST(BlockKinds, AreToldApartByTheirChecksums) {
  const std::array<std::pair<const char*, const BlockValidator*>, 3> validators = {
      {{"btree node", &dmcore::btree_node_validator()},
       {"index", &dmcore::space_map_index_validator()},
       {"bitmap", &dmcore::space_map_bitmap_validator()}}};
  for (const auto& [name, validator] : validators) {
    for (const Kind& kind : kinds) {
      const std::string complaint = complaint_about_checksum(*validator, sealed(kind));
      EXPECT_EQ(complaint.empty(), std::string_view(name) == kind.name)
          << "a block of the kind " << kind.name << ", read as " << name << ": " << complaint;
    }
  }
}

TEST(BlockKinds, NoTwoHaveTheSameNumber) {
  for (const Kind& kind : kinds) {
    EXPECT_EQ(std::count_if(kinds.begin(), kinds.end(),
                            [&](const Kind& other) { return other.csum_xor == kind.csum_xor; }),
              1)
        << kind.name;
  }
}

}  // namespace
