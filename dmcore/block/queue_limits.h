// SPDX-License-Identifier: GPL-2.0-or-later
// The limits of a block device, and how they combine when devices are stacked (block/blk-settings.c).
#pragma once

#include <cstdint>

#include "dmcore/kernel/types.h"

namespace dmcore {

// BLK_DEF_MAX_SECTORS: the default limit of a request if the hardware allows more.
inline constexpr std::uint32_t default_max_sectors = 2560;

// struct queue_limits, without the fields for zones, integrity and bounce buffers. Fields whose names end in
// `sectors` count sectors of 512 bytes; all other sizes are bytes.
struct QueueLimits {
  std::uint32_t max_hw_sectors = 255;
  std::uint32_t max_dev_sectors = 0;
  std::uint32_t max_sectors = 255;
  std::uint32_t chunk_sectors = 0;
  std::uint32_t max_segment_size = 65536;
  std::uint32_t max_segments = 128;
  std::uint32_t logical_block_size = 512;
  std::uint32_t physical_block_size = 512;
  std::uint32_t alignment_offset = 0;
  std::uint32_t io_min = 512;
  std::uint32_t io_opt = 0;
  std::uint32_t max_discard_sectors = 0;
  std::uint32_t max_hw_discard_sectors = 0;
  std::uint32_t max_discard_segments = 1;
  std::uint32_t max_secure_erase_sectors = 0;
  std::uint32_t max_write_zeroes_sectors = 0;
  std::uint32_t discard_granularity = 0;
  std::uint32_t discard_alignment = 0;
  std::uint32_t dma_alignment = 511;
  bool misaligned = false;
  bool discard_misaligned = false;

  // blk_set_stacking_limits(): the initial limits of a stacked device.
  static QueueLimits stacking();
};

// blk_limits_io_min(): sets the preferred minimum I/O size, at least a physical block.
void set_io_min(QueueLimits& limits, std::uint32_t bytes);

// blk_stack_limits(): restricts `top` to what `bottom` can do from sector `start` on. If their alignments do
// not fit, returns false and sets `top.misaligned`.
bool stack_limits(QueueLimits& top, const QueueLimits& bottom, sector_t start);

}  // namespace dmcore
