// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/io/kcopyd_buffers.h"

#include <bit>

#include "dmcore/kernel/order.h"

namespace dmcore {

std::size_t KcopydBuffers::size_class(std::uint64_t bytes) {
  return static_cast<std::size_t>(std::bit_width((bytes - 1) / page_bytes));
}

std::byte* KcopydBuffers::take(std::uint64_t bytes) {
  const std::uint64_t pages = div_round_up(bytes, page_bytes);
  if (memory_short_ && pages_out_ + pages > reserve_) return nullptr;
  pages_out_ += pages;
  const std::size_t index = size_class(bytes);
  std::vector<std::byte*>& free = free_[index];
  if (free.empty()) {
    storage_.push_back(std::make_unique_for_overwrite<std::byte[]>(std::size_t{page_bytes} << index));
    return storage_.back().get();
  }
  std::byte* buffer = free.back();
  free.pop_back();
  return buffer;
}

void KcopydBuffers::give_back(std::byte* buffer, std::uint64_t bytes) {
  pages_out_ -= div_round_up(bytes, page_bytes);
  free_[size_class(bytes)].push_back(buffer);
}

std::byte* KcopydBuffers::zeroes() {
  const order::Unchecked constant("a page of the kernel that is always there");
  if (zeroes_.empty()) zeroes_.resize(reserve_ * page_bytes);
  return zeroes_.data();
}

}  // namespace dmcore
