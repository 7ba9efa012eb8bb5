// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/store/memory_store.h"

#include <algorithm>
#include <cstring>

#include "dmcore/kernel/memory.h"

namespace sim {

using dmcore::Result;
using dmcore::Status;

MemoryStore::Leaf* MemoryStore::find_leaf(std::uint64_t number) const {
  Found& slot = found_slot(number);
  if (slot.leaf != nullptr && slot.number == number) return slot.leaf;
  const auto it = leaves_.find(number);
  if (it == leaves_.end()) return nullptr;
  // The cache has non-const pointers to the elements, which this class owns.
  slot = {number, const_cast<Leaf*>(&it->second)};  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  return slot.leaf;
}

MemoryStore::Leaf& MemoryStore::make_leaf(std::uint64_t number) {
  if (Leaf* leaf = find_leaf(number)) return *leaf;
  Leaf& leaf = leaves_[number];
  if (leaves_.size() > found_.size() / 2) found_.assign(found_.size() * 4, {});
  found_slot(number) = {number, &leaf};
  return leaf;
}

std::byte* MemoryStore::take_page() {
  ++pages_;
  if (!free_.empty()) {
    std::byte* page = free_.back();
    free_.pop_back();
    return page;
  }
  if (block_next_ == block_end_) add_block();
  std::byte* page = block_next_;
  block_next_ += page_bytes;
  return page;
}

void MemoryStore::add_block() {
  constexpr std::uint64_t block_pages_max = 1024;
  const std::uint64_t bytes = next_block_pages_ * page_bytes;
  blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(bytes));
  block_next_ = blocks_.back().get();
  block_end_ = block_next_ + bytes;
  next_block_pages_ = std::min(next_block_pages_ * 2, block_pages_max);
}

std::uint64_t MemoryStore::run_length(const Leaf* leaf, std::uint64_t offset, std::uint64_t bytes_max) {
  const std::uint64_t in_leaf = offset % leaf_bytes;
  const std::uint64_t most = std::min(leaf_bytes - in_leaf, bytes_max);
  if (leaf == nullptr) return most;
  const std::uint64_t first = in_leaf / page_bytes;
  const std::byte* const begin = leaf->pages[first];
  std::uint64_t end = first + 1;
  const auto goes_on = [&] {
    const std::byte* const page = leaf->pages[end];
    return begin == nullptr ? page == nullptr : page == begin + (end - first) * page_bytes;
  };
  while (end * page_bytes < in_leaf + most && goes_on()) ++end;
  return std::min(end * page_bytes - in_leaf, most);
}

Status MemoryStore::read(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const Leaf* leaf = find_leaf(offset / leaf_bytes);
    const std::size_t bytes = run_length(leaf, offset, out.size());
    const std::byte* page = leaf == nullptr ? nullptr : leaf->pages[offset / page_bytes % leaf_pages];
    if (page == nullptr) {
      std::memset(out.data(), 0, bytes);
    } else {
      std::memcpy(out.data(), page + offset % page_bytes, bytes);
    }
    offset += bytes;
    out = out.subspan(bytes);
  }
  return {};
}

std::size_t MemoryStore::make_pages(std::uint64_t offset, std::span<const std::byte> data) {
  const std::uint64_t begin = offset % leaf_bytes;
  const std::uint64_t end = std::min<std::uint64_t>(leaf_bytes, begin + data.size());
  Leaf* leaf = find_leaf(offset / leaf_bytes);
  for (std::uint64_t at = begin - begin % page_bytes; at < end; at += page_bytes) {
    if (leaf != nullptr && leaf->pages[at / page_bytes] != nullptr) continue;
    const std::uint64_t from = std::max(at, begin);
    const std::uint64_t to = std::min(at + page_bytes, end);
    if (dmcore::all_zero(data.subspan(from - begin, to - from))) return from - begin;
    if (leaf == nullptr) leaf = &make_leaf(offset / leaf_bytes);
    std::byte* const page = leaf->pages[at / page_bytes] = take_page();
    ++leaf->used;
    if (to - from != page_bytes) std::memset(page, 0, page_bytes);
  }
  return end - begin;
}

Status MemoryStore::write(std::uint64_t offset, std::span<const std::byte> data) {
  while (!data.empty()) {
    const std::size_t paged = make_pages(offset, data);
    std::size_t bytes = 0;
    if (paged == 0) {
      // Unallocated pages are zero already.
      bytes = std::min<std::uint64_t>(page_bytes - offset % page_bytes, data.size());
    } else {
      const Leaf* leaf = find_leaf(offset / leaf_bytes);
      bytes = run_length(leaf, offset, paged);
      std::memcpy(leaf->pages[offset / page_bytes % leaf_pages] + offset % page_bytes, data.data(), bytes);
    }
    offset += bytes;
    data = data.subspan(bytes);
  }
  return {};
}

Status MemoryStore::discard(std::uint64_t offset, std::uint64_t length) {
  const std::uint64_t end = offset + length;
  // Iterates over leaves, not pages: the range may be a whole, large and empty disk.
  auto it = leaves_.lower_bound(offset / leaf_bytes);
  while (it != leaves_.end() && it->first * leaf_bytes < end) {
    Leaf& leaf = it->second;
    const std::uint64_t leaf_begin = it->first * leaf_bytes;
    const std::uint64_t begin = std::max(offset, leaf_begin);
    const std::uint64_t stop = std::min(end, leaf_begin + leaf_bytes);
    for (std::uint64_t at = begin; at < stop;) {
      const std::uint64_t in_page = at % page_bytes;
      const std::uint64_t bytes = std::min(page_bytes - in_page, stop - at);
      std::byte*& page = leaf.pages[at / page_bytes % leaf_pages];
      if (page != nullptr && bytes == page_bytes) {
        free_.push_back(page);
        page = nullptr;
        --leaf.used;
        --pages_;
      } else if (page != nullptr) {
        std::memset(page + in_page, 0, bytes);
      }
      at += bytes;
    }
    if (leaf.used != 0) {
      ++it;
      continue;
    }
    found_slot(it->first) = {};
    it = leaves_.erase(it);
  }
  return {};
}

Result<std::optional<Store::Extent>> MemoryStore::next_extent(std::uint64_t offset) const {
  // The allocated pages, in order, up to the first gap.
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  const auto extend = [&](std::uint64_t page) {
    if (end != 0 && page != end) return false;
    if (end == 0) begin = page;
    end = page + page_bytes;
    return true;
  };
  bool going_on = true;
  for (auto it = leaves_.lower_bound(offset / leaf_bytes); going_on && it != leaves_.end(); ++it) {
    const std::uint64_t leaf_begin = it->first * leaf_bytes;
    for (std::uint64_t i = 0; going_on && i < leaf_pages; ++i) {
      const std::uint64_t at = leaf_begin + i * page_bytes;
      if (it->second.pages[i] == nullptr || at + page_bytes <= offset) continue;
      going_on = extend(at);
    }
  }
  if (end == 0) return std::optional<Extent>();
  begin = std::max(begin, offset);
  return std::optional(Extent{begin, std::min(end, size_) - begin});
}

}  // namespace sim
