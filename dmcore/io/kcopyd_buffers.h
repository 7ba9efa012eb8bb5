// SPDX-License-Identifier: GPL-2.0-or-later
// The memory of copies.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "dmcore/kernel/types.h"

namespace dmcore {

// Buffers of whole pages. In the kernel a copy allocates single pages from the system, and if that fails from
// a reserve that is large enough for one sub-job. Here it gets one contiguous buffer, counted in pages; free
// buffers are reused, the last one freed first. Any context; not locked.
class KcopydBuffers {
 public:
  static constexpr unsigned page_bytes = 4096;

  // `reserve`: the number of pages available even if the system has none.
  explicit KcopydBuffers(unsigned reserve) : reserve_(reserve) {}

  // At least `bytes`; null if there is no memory now.
  [[nodiscard]] std::byte* take(std::uint64_t bytes);
  void give_back(std::byte* buffer, std::uint64_t bytes);

  // Fault injection: whether the system is out of memory, so that only the reserve is left. Default: no.
  void set_memory_short(bool is_short) { memory_short_ = is_short; }
  [[nodiscard]] std::uint64_t pages_out() const { return pages_out_; }

  // Zeroes, as many as the reserve is large. Must not be written to.
  [[nodiscard]] std::byte* zeroes();

 private:
  // Size classes: 1, 2, 4... pages.
  static constexpr std::size_t classes = 9;
  static std::size_t size_class(std::uint64_t bytes);

  std::uint64_t reserve_;
  std::uint64_t pages_out_ = 0;
  bool memory_short_ = false;
  std::array<std::vector<std::byte*>, classes> free_;
  std::vector<std::unique_ptr<std::byte[]>> storage_;
  std::vector<std::byte> zeroes_;
};

}  // namespace dmcore
