// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/disk/fault_map.h"

#include <algorithm>

namespace sim {

bool FaultMap::hits(const dmcore::Bio& bio) const {
  const Fails other = bio.is_write() ? Fails::reads : Fails::writes;
  return std::any_of(faults_.begin(), faults_.end(), [&](const Fault& fault) {
    return fault.what != other && bio.sector < fault.first + fault.count && fault.first < bio.end_sector();
  });
}

}  // namespace sim
