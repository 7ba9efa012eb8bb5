// SPDX-License-Identifier: GPL-2.0-or-later
// What accompanies a bio on its way through a mapped device (struct dm_io and struct dm_target_io of
// drivers/md/dm-core.h).
//
// Internal to the core. An original bio is worked off piece by piece; each piece is a MappedIo, which ends
// when all the clones that targets were given for it have ended. Nearly always there is one clone, and it
// lies inside the MappedIo.
#pragma once

#include "dmcore/dm/target.h"

namespace dmcore {

class MappedDevice;
struct MappedIo;

// A clone as a target sees it: a bio, and behind it what the core and the target keep for it.
struct TargetIo : Bio {
  MappedIo* io = nullptr;
  Target* target = nullptr;
  // How much of the original the clone stands for, in sectors: accept_partial_bio() makes it less. Valid
  // during map().
  sector_t* accepted = nullptr;
  std::uint32_t target_bio_nr = 0;
  bool inside_io = false;     // it is its MappedIo's own
  bool is_duplicate = false;  // one of several for the same sectors
  alignas(std::max_align_t) std::byte per_bio_data[per_bio_data_bytes];
};

// A flush that also has data: the flush goes first, to all targets, and the data then is a bio of its own.
inline bool is_flush_with_data(const Bio& bio) {
  return bio.has(bio_preflush) && bio.size != 0;
}

struct MappedIo {
  MappedDevice* md = nullptr;
  Bio* original = nullptr;
  // One for each clone on its way, and one for the submission itself.
  unsigned pending = 0;
  BlockStatus status = BlockStatus::ok;
  bool embedded_used = false;
  bool accounted = false;
  bool was_split = false;
  // Which part of a split original this is: its length, and how far its beginning is from the original's end,
  // in sectors. The end is what stays where it is while the original is worked off.
  sector_t sectors = 0;
  sector_t offset_from_end = 0;
  MappedIo* next = nullptr;  // on the requeue list
  TargetIo embedded;
};

}  // namespace dmcore
