// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/race/shadow.h"

#include <atomic>
#include <new>
#include <sys/mman.h>

namespace sim::race {

namespace {

// Two levels for addresses of 47 bits. The second is mapped when it is needed, and filled by the system page
// by page.
constexpr unsigned address_bits = 47;
constexpr unsigned low_bits = 18;
constexpr unsigned high_bits = address_bits - ShadowPage::page_shift - low_bits;
using Entry = std::atomic<ShadowPage*>;
std::atomic<Entry*> tables[std::size_t{1} << high_bits];

Entry* make_table() {
  const std::size_t bytes = sizeof(Entry) << low_bits;
  void* memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return static_cast<Entry*>(memory);  // zeroes are null pointers
}

// Null if there is no table and `make` is false.
Entry* entry_of(std::uintptr_t address, bool make) {
  const std::uintptr_t number = address >> ShadowPage::page_shift;
  std::atomic<Entry*>& place = tables[(number >> low_bits) % (std::size_t{1} << high_bits)];
  Entry* table = place.load(std::memory_order_acquire);
  if (table == nullptr) {
    if (!make) return nullptr;
    Entry* made = make_table();
    if (place.compare_exchange_strong(table, made)) {
      table = made;
    } else {
      munmap(made, sizeof(Entry) << low_bits);
    }
  }
  return table + number % (std::size_t{1} << low_bits);
}

}  // namespace

thread_local unsigned OwnMemory::depth = 0;

void ShadowPage::forget(std::size_t begin, std::size_t end) {
  const std::size_t first = std::max<std::size_t>((begin + granule_bytes - 1) / granule_bytes, first_used_);
  const std::size_t last = std::min<std::size_t>(end / granule_bytes, end_of_used_);
  for (std::size_t i = first; i < last; ++i) granules_[i] = Granule{};
  if (first == first_used_ && last == end_of_used_) {
    first_used_ = granules;
    end_of_used_ = 0;
  }
  const std::lock_guard guard(mutex_);
  if (clocks_.empty()) return;
  std::erase_if(clocks_, [&](const auto& clock) {
    const std::size_t offset = clock.first % page_bytes;
    return offset >= begin && offset < end;
  });
}

namespace shadow {

ShadowPage* find(std::uintptr_t address) {
  const Entry* entry = entry_of(address, false);
  return entry == nullptr ? nullptr : entry->load(std::memory_order_acquire);
}

ShadowPage& page(std::uintptr_t address) {
  Entry& entry = *entry_of(address, true);
  ShadowPage* page = entry.load(std::memory_order_acquire);
  if (page != nullptr) [[likely]]
    return *page;
  auto made = std::make_unique<ShadowPage>();
  if (entry.compare_exchange_strong(page, made.get())) return *made.release();
  return *page;
}

void forget(const void* begin, std::size_t bytes) {
  if (OwnMemory::in_use()) return;
  const OwnMemory own;
  std::uintptr_t address = reinterpret_cast<std::uintptr_t>(begin);
  const std::uintptr_t end = address + bytes;
  while (address < end) {
    const std::uintptr_t page_begin = address & ~(ShadowPage::page_bytes - 1);
    const std::uintptr_t page_end = std::min(end, page_begin + ShadowPage::page_bytes);
    if (ShadowPage* page = find(address)) page->forget(address - page_begin, page_end - page_begin);
    address = page_end;
  }
}

void mark_racy(const void* begin, std::size_t bytes) {
  for_each_granule(reinterpret_cast<std::uintptr_t>(begin), bytes,
                   [](std::uintptr_t address, std::uint8_t mask) {
                     Cell& first = page(address).use(address)[0];
                     if (first.machine != racy_bytes) first = Cell{.machine = racy_bytes};
                     first.mask |= mask;
                   });
}

}  // namespace shadow

}  // namespace sim::race
