// SPDX-License-Identifier: GPL-2.0-or-later
// A disk of 64 sectors with faults.
#pragma once

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "tests/rig/letters.h"
#include "tests/rig/machine.h"

namespace test {

class DiskFault : public testing::Test {
 protected:
  // From now on.
  void have(const std::vector<sim::Fault>& faults) { disk.set_faults(sim::FaultMap(faults)); }
  std::string stored(dmcore::sector_t sector, dmcore::sector_t count) {
    return stored_letters(disk, sector, count);
  }

  Machine machine;
  sim::VirtualDisk& disk = machine.add_disk(64);
};

}  // namespace test
