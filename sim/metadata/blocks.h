// SPDX-License-Identifier: GPL-2.0-or-later
// The blocks of a metadata device, as a check comes to them: each is read once, and it is remembered what it
// is used for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/metadata/finding.h"
#include "sim/metadata/geometry.h"
#include "sim/metadata/path.h"
#include "sim/metadata/used_blocks.h"
#include "sim/store/store.h"

namespace sim::metadata {

using Block = std::array<std::byte, block_bytes>;

class Blocks {
 public:
  // Appends to `findings` what it finds.
  Blocks(const Store& store, std::vector<Finding>& findings);

  // Blocks of the device, as far as a space map can count them.
  [[nodiscard]] dmcore::block_t size() const { return size_; }
  // From now on pointers may only lead to the first `blocks` blocks.
  void limit_to(dmcore::block_t blocks) { limit_ = blocks; }

  // Reads the block at the end of `path`. False if it is beyond the end, in use already, or damaged: that has
  // been reported then, and what else it leads to stays unknown.
  bool read(const Path& path, Use use, Block& block);
  // Reads block 0 without looking at it.
  bool read_superblock(const Path& path, Block& block);

  void report(Kind kind, const Path& path, std::string what);
  // About other blocks than the one at the end of the path.
  void report_range(Kind kind, const Path& path, dmcore::block_t first, dmcore::block_t blocks,
                    std::string what);
  // As report(), for something that hides what the block leads to.
  void report_hiding(Kind kind, const Path& path, std::string what);

  // That there are blocks in use that have not been looked at.
  void hide_some() { all_seen_ = false; }
  [[nodiscard]] bool all_seen() const { return all_seen_; }

  [[nodiscard]] const UsedBlocks& used() const { return used_; }

  // Takes a block whose checksum is right into the digest, which depends on their order.
  void digest(dmcore::block_t block, std::uint32_t checksum);
  [[nodiscard]] std::uint64_t digest() const { return digest_; }

 private:
  bool load(const Path& path, Block& block);
  [[nodiscard]] bool within_limit(const Path& path);
  [[nodiscard]] bool is_sealed(const Path& path, Use use, const Block& block);

  const Store& store_;
  std::vector<Finding>& findings_;
  dmcore::block_t size_;
  dmcore::block_t limit_;
  UsedBlocks used_;
  bool all_seen_ = true;
  std::uint64_t digest_ = 0xcbf29ce484222325;  // FNV-1a, of whole words instead of bytes
};

// The checksum that the block should have if it is of that use.
std::uint32_t checksum_for(Use use, const Block& block);

// The structure of that type at the beginning of a block, or `offset` bytes behind it.
template <class Disk>
const Disk& structure(const Block& block, std::size_t offset = 0) {
  return *reinterpret_cast<const Disk*>(block.data() + offset);
}

}  // namespace sim::metadata
