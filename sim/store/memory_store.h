// SPDX-License-Identifier: GPL-2.0-or-later
// A store in memory.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <vector>

#include "sim/store/store.h"

namespace sim {

// Keeps pages of 4 KiB that something else than zeroes was written to, found through leaves of 1 MiB: a store
// of 64 TiB costs what was written to it, and little more. Cheap to make.
class MemoryStore final : public Store {
 public:
  explicit MemoryStore(std::uint64_t size_bytes) : size_(size_bytes) {}

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  dmcore::Status read(std::uint64_t offset, std::span<std::byte> out) const override;
  dmcore::Status write(std::uint64_t offset, std::span<const std::byte> data) override;
  dmcore::Status discard(std::uint64_t offset, std::uint64_t length) override;
  [[nodiscard]] dmcore::Result<std::optional<Extent>> next_extent(std::uint64_t offset) const override;

  // What is allocated now.
  [[nodiscard]] std::uint64_t pages() const { return pages_; }
  static constexpr std::uint64_t page_bytes = 4096;

 private:
  static constexpr std::uint64_t leaf_pages = 256;
  static constexpr std::uint64_t leaf_bytes = leaf_pages * page_bytes;
  struct Leaf {
    std::array<std::byte*, leaf_pages> pages{};
    unsigned used = 0;
  };

  // Where a leaf was found.
  struct Found {
    std::uint64_t number = 0;
    Leaf* leaf = nullptr;
  };

  [[nodiscard]] Leaf* find_leaf(std::uint64_t number) const;
  Leaf& make_leaf(std::uint64_t number);
  Found& found_slot(std::uint64_t number) const { return found_[number & (found_.size() - 1)]; }
  // How far the bytes from `offset` on lie side by side in memory (or nowhere, where there are no pages):
  // pages that were written in order do, and one copy then moves them all. At most `bytes_max`, or to the
  // leaf's end; `leaf` is null where there is none.
  [[nodiscard]] static std::uint64_t run_length(const Leaf* leaf, std::uint64_t offset,
                                                std::uint64_t bytes_max);
  // Makes the pages that are missing for a write, as far as the leaf goes and up to the first that is missing
  // and would get nothing but zeroes: hydrating a sparse disk costs no memory. Returns how many bytes that
  // is.
  std::size_t make_pages(std::uint64_t offset, std::span<const std::byte> data);
  std::byte* take_page();
  void add_block();

  std::uint64_t size_;
  std::uint64_t pages_ = 0;
  std::map<std::uint64_t, Leaf> leaves_;
  // Where leaves were found lately, by number modulo its size, which grows with the number of leaves: spares
  // nearly all accesses the search.
  mutable std::vector<Found> found_ = std::vector<Found>(16);

  // Pages come from blocks that double in size, and go back to the list of free ones.
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::byte* block_next_ = nullptr;
  std::byte* block_end_ = nullptr;
  std::uint64_t next_block_pages_ = 16;
  std::vector<std::byte*> free_;
};

}  // namespace sim
