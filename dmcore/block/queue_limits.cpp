// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/block/queue_limits.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace dmcore {

namespace {

constexpr std::uint32_t unlimited = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t page_sectors = 8;

std::uint32_t min_not_zero(std::uint32_t a, std::uint32_t b) {
  if (a == 0) return b;
  if (b == 0) return a;
  return std::min(a, b);
}

std::uint32_t lcm_not_zero(std::uint32_t a, std::uint32_t b) {
  if (a == 0) return b;
  if (b == 0) return a;
  // Computed in 64 bits (unsigned long) and truncated, as in the kernel.
  return static_cast<std::uint32_t>(std::lcm(std::uint64_t{a}, std::uint64_t{b}));
}

// queue_limit_alignment_offset(): by how many bytes `start` is off the alignment of the device below.
std::uint32_t alignment_at(const QueueLimits& limits, sector_t start) {
  const std::uint32_t granularity = std::max(limits.physical_block_size, limits.io_min);
  const auto into = static_cast<std::uint32_t>(start % (granularity >> sector_shift)) << sector_shift;
  return (granularity + limits.alignment_offset - into) % granularity;
}

std::uint32_t discard_alignment_at(const QueueLimits& limits, sector_t start) {
  const std::uint32_t granularity = limits.discard_granularity >> sector_shift;
  if (limits.max_discard_sectors == 0 || granularity == 0) return 0;
  const std::uint32_t alignment = limits.discard_alignment >> sector_shift;
  const auto into = static_cast<std::uint32_t>(start % granularity);
  return (granularity + alignment - into) % granularity << sector_shift;
}

// Whether one of two intervals is a multiple of the other.
bool grids_meet(std::uint32_t a, std::uint32_t b) {
  return std::max(a, b) % std::min(a, b) == 0;
}

std::uint32_t whole_blocks(std::uint32_t sectors, std::uint32_t block_size) {
  return std::max(static_cast<std::uint32_t>(round_down(sectors, block_size >> sector_shift)), page_sectors);
}

void stack_discard_limits(QueueLimits& top, const QueueLimits& bottom, sector_t start) {
  if (bottom.discard_granularity == 0) return;
  const std::uint32_t alignment = discard_alignment_at(bottom, start);
  if (top.discard_granularity != 0 && top.discard_alignment != alignment &&
      !grids_meet(top.discard_granularity + top.discard_alignment, bottom.discard_granularity + alignment)) {
    top.discard_misaligned = true;
  }
  top.max_discard_sectors = min_not_zero(top.max_discard_sectors, bottom.max_discard_sectors);
  top.max_hw_discard_sectors = min_not_zero(top.max_hw_discard_sectors, bottom.max_hw_discard_sectors);
  top.discard_granularity = std::max(top.discard_granularity, bottom.discard_granularity);
  top.discard_alignment = lcm_not_zero(top.discard_alignment, alignment) % top.discard_granularity;
}

}  // namespace

QueueLimits QueueLimits::stacking() {
  QueueLimits limits;
  limits.max_segments = std::numeric_limits<std::uint16_t>::max();
  limits.max_discard_segments = std::numeric_limits<std::uint16_t>::max();
  limits.max_hw_sectors = unlimited;
  limits.max_segment_size = unlimited;
  limits.max_sectors = unlimited;
  limits.max_dev_sectors = unlimited;
  limits.max_write_zeroes_sectors = unlimited;
  return limits;
}

void set_io_min(QueueLimits& limits, std::uint32_t bytes) {
  limits.io_min = std::max({bytes, limits.logical_block_size, limits.physical_block_size});
}

bool stack_limits(QueueLimits& top, const QueueLimits& bottom, sector_t start) {
  bool fits = true;
  const auto misaligned = [&] {
    top.misaligned = true;
    fits = false;
  };

  top.max_sectors = min_not_zero(top.max_sectors, bottom.max_sectors);
  top.max_hw_sectors = min_not_zero(top.max_hw_sectors, bottom.max_hw_sectors);
  top.max_dev_sectors = min_not_zero(top.max_dev_sectors, bottom.max_dev_sectors);
  top.max_write_zeroes_sectors = std::min(top.max_write_zeroes_sectors, bottom.max_write_zeroes_sectors);
  top.max_segments = min_not_zero(top.max_segments, bottom.max_segments);
  top.max_discard_segments = min_not_zero(top.max_discard_segments, bottom.max_discard_segments);
  top.max_segment_size = min_not_zero(top.max_segment_size, bottom.max_segment_size);
  top.misaligned = top.misaligned || bottom.misaligned;

  const std::uint32_t alignment = alignment_at(bottom, start);
  if (top.alignment_offset != alignment) {
    const std::uint32_t top_grid = std::max(top.physical_block_size, top.io_min) + top.alignment_offset;
    const std::uint32_t bottom_grid = std::max(bottom.physical_block_size, bottom.io_min) + alignment;
    if (!grids_meet(top_grid, bottom_grid)) misaligned();
  }

  top.logical_block_size = std::max(top.logical_block_size, bottom.logical_block_size);
  top.physical_block_size = std::max(top.physical_block_size, bottom.physical_block_size);
  top.io_min = std::max(top.io_min, bottom.io_min);
  top.io_opt = lcm_not_zero(top.io_opt, bottom.io_opt);
  top.dma_alignment = std::max(top.dma_alignment, bottom.dma_alignment);
  if (bottom.chunk_sectors != 0) top.chunk_sectors = std::gcd(top.chunk_sectors, bottom.chunk_sectors);

  // With a mask as in the kernel, although block sizes need not be powers of two.
  if ((top.physical_block_size & (top.logical_block_size - 1)) != 0) {
    top.physical_block_size = top.logical_block_size;
    misaligned();
  }
  if ((top.io_min & (top.physical_block_size - 1)) != 0) {
    top.io_min = top.physical_block_size;
    misaligned();
  }
  if ((top.io_opt & (top.physical_block_size - 1)) != 0) {
    top.io_opt = 0;
    misaligned();
  }
  if (top.chunk_sectors % (top.physical_block_size >> sector_shift) != 0) {
    top.chunk_sectors = 0;
    misaligned();
  }

  top.alignment_offset =
      lcm_not_zero(top.alignment_offset, alignment) % std::max(top.physical_block_size, top.io_min);
  if ((top.alignment_offset & (top.logical_block_size - 1)) != 0) misaligned();

  top.max_sectors = whole_blocks(top.max_sectors, top.logical_block_size);
  top.max_hw_sectors = whole_blocks(top.max_hw_sectors, top.logical_block_size);
  top.max_dev_sectors = whole_blocks(top.max_dev_sectors, top.logical_block_size);

  stack_discard_limits(top, bottom, start);
  top.max_secure_erase_sectors = min_not_zero(top.max_secure_erase_sectors, bottom.max_secure_erase_sectors);
  return fits;
}

}  // namespace dmcore
