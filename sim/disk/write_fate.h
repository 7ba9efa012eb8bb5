// SPDX-License-Identifier: GPL-2.0-or-later
// What is left of one write while fault after fault acts on it.
#pragma once

#include "sim/disk/fault_map.h"

namespace sim {

class WriteFate {
 public:
  WriteFate(FaultMap::Ranges ranges, const FaultMap::Medium& medium) : medium_(medium) {
    fate_.ranges = std::move(ranges);
  }

  // Each returns whether the fault has changed what becomes of the write.
  bool act(const Fault::WriteError& fault);
  bool act(const Fault::Torn& fault);
  bool act(const Fault::Misdirected& fault);
  template <class Other>
  bool act(const Other&) {
    return false;
  }

  // No fault acts on a write that has failed.
  [[nodiscard]] bool failed() const { return fate_.error != Fate::Error::none; }
  [[nodiscard]] Fate take();

 private:
  [[nodiscard]] bool touches(const SectorRange& where) const;
  [[nodiscard]] std::uint64_t to_block(dmcore::sector_t sector) const;

  FaultMap::Medium medium_;
  Fate fate_;
};

// Of a range of whole sectors.
[[nodiscard]] SectorRange sectors_of(const MediaObserver::Range& range);

}  // namespace sim
