// SPDX-License-Identifier: GPL-2.0-or-later
// A store in memory.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <vector>

#include "sim/store/store.h"

namespace sim {

// Allocates pages of 4 KiB when something else than zeroes is written to them, in leaves of 1 MiB: a store of
// 64 TiB needs little more memory than what was written to it, and is cheap to create.
class MemoryStore final : public Store {
 public:
  explicit MemoryStore(std::uint64_t size_bytes) : size_(size_bytes) {}

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  dmcore::Status read(std::uint64_t offset, std::span<std::byte> out) const override;
  dmcore::Status write(std::uint64_t offset, std::span<const std::byte> data) override;
  dmcore::Status discard(std::uint64_t offset, std::uint64_t length) override;
  [[nodiscard]] dmcore::Result<std::optional<Extent>> next_extent(std::uint64_t offset) const override;

  // Allocated pages.
  [[nodiscard]] std::uint64_t pages() const { return pages_; }
  static constexpr std::uint64_t page_bytes = 4096;

 private:
  static constexpr std::uint64_t leaf_pages = 256;
  static constexpr std::uint64_t leaf_bytes = leaf_pages * page_bytes;
  struct Leaf {
    std::array<std::byte*, leaf_pages> pages{};
    unsigned used = 0;
  };

  // The cached address of a leaf.
  struct Found {
    std::uint64_t number = 0;
    Leaf* leaf = nullptr;
  };

  [[nodiscard]] Leaf* find_leaf(std::uint64_t number) const;
  Leaf& make_leaf(std::uint64_t number);
  Found& found_slot(std::uint64_t number) const { return found_[number & (found_.size() - 1)]; }
  // How many bytes from `offset` on are contiguous in memory, or unallocated, so that one copy moves them:
  // pages that were written in order are. At most `bytes_max`, and to the leaf's end; `leaf` may be null.
  [[nodiscard]] static std::uint64_t run_length(const Leaf* leaf, std::uint64_t offset,
                                                std::uint64_t bytes_max);
  // Allocates the pages for a write, to the leaf's end or the first unallocated page to which only zeroes are
  // written: hydrating a sparse disk needs no memory. Returns for how many bytes.
  std::size_t make_pages(std::uint64_t offset, std::span<const std::byte> data);
  std::byte* take_page();
  void add_block();

  std::uint64_t size_;
  std::uint64_t pages_ = 0;
  std::map<std::uint64_t, Leaf> leaves_;
  // A cache of leaves, by number modulo its size, which grows with the number of leaves.
  mutable std::vector<Found> found_ = std::vector<Found>(16);

  // Pages are allocated in blocks that double in size; free ones are reused. The first are small: freeing 64
  // KiB makes malloc tidy up all that is free.
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::byte* block_next_ = nullptr;
  std::byte* block_end_ = nullptr;
  std::uint64_t next_block_pages_ = 8;
  std::vector<std::byte*> free_;
};

}  // namespace sim
