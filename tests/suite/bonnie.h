// SPDX-License-Identifier: GPL-2.0-or-later
// bonnie++'s phases on a mounted file system, measured in virtual time.
//
// A processor costs nothing here, so that what bonnie++ does byte by byte differs from its block I/O only in
// the size of its requests. Its file is meant to be larger than memory: caches are dropped before each phase
// that reads.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/suite/file_system.h"

namespace suite {

struct BonnieOptions {
  std::uint64_t file_bytes = 8U << 20U;  // -s
  unsigned seeks = 256;
  unsigned small_files = 64;  // -n
};

struct BonnieResult {
  struct Phase {
    std::string name;
    dmcore::Duration time{0};
    std::uint64_t bytes = 0;  // transferred; 0: the phase counts operations
    std::uint64_t operations = 0;
    // MiB or operations a second.
    [[nodiscard]] std::string rate() const;
  };
  std::vector<Phase> phases;

  [[nodiscard]] const Phase& phase(const std::string& name) const;
  [[nodiscard]] dmcore::Duration total() const;
};

// Checks what it reads. Leaves no file behind.
BonnieResult run_bonnie(Rig& rig, FileSystem& fs, const BonnieOptions& options = {});

}  // namespace suite
