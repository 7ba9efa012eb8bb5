// SPDX-License-Identifier: GPL-2.0-or-later
// What is remembered of memory: the last accesses to each eight bytes, and clocks of objects that order
// tasks.
//
// One shadow for all machines of the process, since memory passes from one to another; each access says whose
// it is. Pages of the shadow exist for pages of memory that were accessed. Machines may run on several OS
// threads: no two of them access the same eight bytes at once, and clocks have a lock.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "sim/race/clock.h"

namespace sim::race {

// 0: of none.
using MachineId = std::uint16_t;
// As that of a granule's first cell: accesses to the bytes of its mask are not looked at.
inline constexpr MachineId racy_bytes = 0xFFFF;

// An access. Places, call paths and sets of locks are numbers of the machine's detector.
struct Cell {
  MachineId machine = 0;
  Slot slot = 0;
  Epoch epoch = 0;
  std::uint8_t mask = 0;  // the bytes
  bool write = false;
  std::uint32_t place = 0;
  std::uint32_t path = 0;
  std::uint32_t locks = 0;
};

inline constexpr std::size_t granule_bytes = 8;

// Calls `use` with an address in each granule of a range, and the mask of the bytes that are in it.
template <class Use>
void for_each_granule(std::uintptr_t address, std::size_t bytes, Use use) {
  while (bytes != 0) {
    const std::size_t offset = address % granule_bytes;
    const std::size_t here = std::min(bytes, granule_bytes - offset);
    use(address, static_cast<std::uint8_t>(((1U << here) - 1) << offset));
    address += here;
    bytes -= here;
  }
}

// More accesses that are not ordered with each other than there are cells: the oldest are forgotten.
using Granule = std::array<Cell, 4>;

// While one exists on this OS thread, freed memory is not forgotten: it is the shadow's own, which frees
// memory with the lock of a page held, and no other task has accessed it.
class OwnMemory {
 public:
  OwnMemory() { ++depth; }
  ~OwnMemory() { --depth; }
  OwnMemory(const OwnMemory&) = delete;
  OwnMemory& operator=(const OwnMemory&) = delete;
  [[nodiscard]] static bool in_use() { return depth != 0; }

 private:
  static thread_local unsigned depth;
};

class ShadowPage {
 public:
  static constexpr unsigned page_shift = 12;
  static constexpr std::size_t page_bytes = std::size_t{1} << page_shift;

  // For an access: the granule counts as used until the next forget().
  Granule& use(std::uintptr_t address) {
    const auto index = static_cast<std::uint16_t>((address % page_bytes) / granule_bytes);
    first_used_ = std::min(first_used_, index);
    end_of_used_ = std::max<std::uint16_t>(end_of_used_, index + 1);
    return granules_[index];
  }
  // Forgets the accesses and clocks of a range of the page.
  void forget(std::size_t begin, std::size_t end);

  // Calls `use` with the clock of an object on this page, which is empty if it is new.
  template <class Use>
  void with_clock(std::uintptr_t object, MachineId machine, Use use) {
    const OwnMemory own;
    const std::lock_guard guard(mutex_);
    ObjectClock& found = clocks_[object];
    if (found.machine != machine) found = ObjectClock{machine, {}};
    use(found.clock);
  }

 private:
  struct ObjectClock {
    MachineId machine = 0;
    Clock clock;
  };

  static constexpr std::size_t granules = page_bytes / granule_bytes;
  std::uint16_t first_used_ = granules;
  std::uint16_t end_of_used_ = 0;
  std::array<Granule, granules> granules_;
  std::mutex mutex_;
  std::unordered_map<std::uintptr_t, ObjectClock> clocks_;
};

namespace shadow {

// Null if nothing on it was accessed.
ShadowPage* find(std::uintptr_t address);
ShadowPage& page(std::uintptr_t address);
// The memory has a new use. Granules that are only partly in the range are kept.
void forget(const void* begin, std::size_t bytes);
// Accesses to the memory are not looked at until it is forgotten.
void mark_racy(const void* begin, std::size_t bytes);

}  // namespace shadow

}  // namespace sim::race
