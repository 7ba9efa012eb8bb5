// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/disk/write_fate.h"

#include <algorithm>
#include <utility>

#include "dmcore/block/block_device.h"

namespace sim {

namespace {

// The bytes [from, to) of the medium that the range has, which may be none.
MediaObserver::Range part_of(const MediaObserver::Range& range, std::uint64_t from, std::uint64_t to) {
  from = std::max(from, range.offset);
  to = std::min(to, range.offset + range.bytes);
  if (from >= to) return {.offset = range.offset, .bytes = 0, .data = {}};
  const auto data = range.data.empty() ? range.data : range.data.subspan(from - range.offset, to - from);
  return {.offset = from, .bytes = to - from, .data = data};
}

}  // namespace

SectorRange sectors_of(const MediaObserver::Range& range) {
  return {dmcore::to_sectors(range.offset), dmcore::to_sectors(range.bytes)};
}

bool WriteFate::touches(const SectorRange& where) const {
  return std::any_of(fate_.ranges.begin(), fate_.ranges.end(),
                     [&](const MediaObserver::Range& range) { return where.overlaps(sectors_of(range)); });
}

// The beginning of the sector's block, in bytes; at the end of the disk if it is behind it.
std::uint64_t WriteFate::to_block(dmcore::sector_t sector) const {
  if (sector >= dmcore::to_sectors(medium_.bytes)) return medium_.bytes;
  return dmcore::round_down(dmcore::to_bytes(sector), std::uint64_t{medium_.block_bytes});
}

bool WriteFate::act(const Fault::WriteError& fault) {
  if (!touches(fault.where)) return false;
  fate_.error = fate_.altered ? Fate::Error::after : Fate::Error::before;
  return true;
}

bool WriteFate::act(const Fault::Torn& fault) {
  if (!touches(fault.where)) return false;
  std::uint64_t left = to_block(fault.kept);
  FaultMap::Ranges kept;
  bool torn = false;
  for (const MediaObserver::Range& range : fate_.ranges) {
    const MediaObserver::Range part =
        part_of(range, range.offset, range.offset + std::min(range.bytes, left));
    torn |= part.bytes != range.bytes;
    left -= part.bytes;
    if (part.bytes != 0) kept.push_back(part);
  }
  fate_.ranges = std::move(kept);
  fate_.altered |= torn;
  return torn;
}

bool WriteFate::act(const Fault::Misdirected& fault) {
  if (!touches(fault.where)) return false;
  const std::uint64_t begin = to_block(fault.where.first);
  const dmcore::sector_t last = fault.where.end() - 1;
  const std::uint64_t end = std::min(to_block(last) + medium_.block_bytes, medium_.bytes);
  const std::uint64_t to = to_block(fault.to);
  FaultMap::Ranges moved;
  for (const MediaObserver::Range& range : fate_.ranges) {
    const std::uint64_t range_end = range.offset + range.bytes;
    MediaObserver::Range within = part_of(range, begin, end);
    within.offset = to + (within.offset - begin);
    within = part_of(within, 0, medium_.bytes);
    for (const MediaObserver::Range& part :
         {part_of(range, 0, begin), within, part_of(range, end, range_end)}) {
      if (part.bytes != 0) moved.push_back(part);
    }
  }
  fate_.ranges = std::move(moved);
  fate_.altered = true;
  return true;
}

Fate WriteFate::take() {
  if (!fate_.altered) fate_.ranges.clear();
  return std::move(fate_);
}

}  // namespace sim
