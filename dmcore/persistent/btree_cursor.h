// SPDX-License-Identifier: GPL-2.0-or-later
// Going through a B-tree from its lowest key on (dm_btree_cursor of drivers/md/persistent-data/dm-btree.h).
#pragma once

#include "dmcore/persistent/btree.h"

namespace dmcore {

// For trees whose values are blocks, which are read ahead. Locks every node from the root down to where it
// stands. May sleep, also in its destructor.
class BtreeCursor {
 public:
  explicit BtreeCursor(Btree& tree) : tree_(tree) {}
  BtreeCursor(const BtreeCursor&) = delete;
  BtreeCursor& operator=(const BtreeCursor&) = delete;
  ~BtreeCursor() noexcept(false) { end(); }

  // Goes to the first entry; Errno::nodata if there is none. After an error it locks nothing. The kernel
  // leaves some nodes locked then, and would BUG() when the cache is destroyed.
  Status begin(block_t root);
  // Errno::nodata after the last entry.
  Status next();
  void end();
  // The entry where it stands. Errno::nodata if it is at the end.
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
