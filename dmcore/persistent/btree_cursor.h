// SPDX-License-Identifier: GPL-2.0-or-later
// Iterates over a B-tree in the order of keys (dm_btree_cursor of drivers/md/persistent-data/dm-btree.h).
#pragma once

#include "dmcore/persistent/btree.h"

namespace dmcore {

// For trees whose values are blocks, which are prefetched. All nodes from the root to the current one are
// locked. May sleep, also in its destructor.
class BtreeCursor {
 public:
  explicit BtreeCursor(Btree& tree) : tree_(tree) {}
  BtreeCursor(const BtreeCursor&) = delete;
  BtreeCursor& operator=(const BtreeCursor&) = delete;
  ~BtreeCursor() noexcept(false) { end(); }

  // Goes to the first entry; Errno::nodata if there is none. After an error nothing is locked. (The kernel
  // leaves nodes locked then, and hits a BUG() when the cache is destroyed.)
  Status begin(block_t root);
  // Errno::nodata after the last entry.
  Status next();
  void end();
  // The current entry. Errno::nodata at the end.
  Result<Btree::Entry<block_t>> get() const;

 private:
  // DM_BTREE_CURSOR_MAX_DEPTH.
  static constexpr unsigned max_depth = 16;
  struct Place {
    BlockRef block;
    std::uint32_t index = 0;
  };

  Status push(block_t block);
  void pop();
  Status find_leaf();

  Btree& tree_;
  unsigned depth_ = 0;
  std::array<Place, max_depth> places_;
};

}  // namespace dmcore
