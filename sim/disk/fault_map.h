// SPDX-License-Identifier: GPL-2.0-or-later
// Sectors with I/O errors.
#pragma once

#include <vector>

#include "dmcore/block/bio.h"

namespace sim {

// A request that includes a bad sector fails as a whole with an I/O error, and has no effect.
class FaultMap {
 public:
  enum class Fails : std::uint8_t { reads, writes, both };

  // `writes`: all requests but reads.
  void add(dmcore::sector_t first, dmcore::sector_t count, Fails what) {
    faults_.push_back({first, count, what});
  }
  // Whether all flushes fail from now on.
  void fail_flushes(bool fail) { flushes_fail_ = fail; }
  void clear() {
    faults_.clear();
    flushes_fail_ = false;
  }

  [[nodiscard]] bool hits(const dmcore::Bio& bio) const;
  [[nodiscard]] bool flushes_fail() const { return flushes_fail_; }

 private:
  struct Fault {
    dmcore::sector_t first;
    dmcore::sector_t count;
    Fails what;
  };
  std::vector<Fault> faults_;
  bool flushes_fail_ = false;
};

}  // namespace sim
