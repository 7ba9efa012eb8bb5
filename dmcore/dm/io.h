// SPDX-License-Identifier: GPL-2.0-or-later
// The state of a bio in a mapped device (struct dm_io and struct dm_target_io of drivers/md/dm-core.h).
//
// Internal to the core. The original bio is processed in pieces. A piece is a MappedIo, and completes when
// all clones that were made of it for targets have completed. Usually there is one clone, which is embedded
// in the MappedIo.
#pragma once

#include "dmcore/dm/target.h"

namespace dmcore {

class MappedDevice;
struct MappedIo;

// struct dm_target_io: a clone, with the data of the core and the target.
struct TargetIo : Bio {
  MappedIo* io = nullptr;
  Target* target = nullptr;
  // The length of the piece in sectors, which accept_partial_bio() reduces. Valid during map().
  sector_t* accepted = nullptr;
  std::uint32_t target_bio_nr = 0;
  bool inside_io = false;     // embedded in its MappedIo
  bool is_duplicate = false;  // one of several clones of the same sectors
  alignas(std::max_align_t) std::byte per_bio_data[per_bio_data_bytes];
};

// A flush with data: the flush is sent to all targets first, then the data as a bio of its own.
inline bool is_flush_with_data(const Bio& bio) {
  return bio.has(bio_preflush) && bio.size != 0;
}

struct MappedIo {
  MappedDevice* md = nullptr;
  Bio* original = nullptr;
  // One for each clone in flight, and one for the submission.
  unsigned pending = 0;
  BlockStatus status = BlockStatus::ok;
  bool embedded_used = false;
  bool accounted = false;
  bool was_split = false;
  bool counted_down = false;  // Defect::counted_down_early
  // Of a split original, in sectors: the length of this piece, and the distance from its beginning to the end
  // of the original, which does not move while the original is advanced.
  sector_t sectors = 0;
  sector_t offset_from_end = 0;
  MappedIo* next = nullptr;  // on the requeue list
  TargetIo embedded;
};

}  // namespace dmcore
