// SPDX-License-Identifier: GPL-2.0-or-later
// iozone -i 0 -i 1 -w -+N -c -C -e -t 8: several processes write a file each, all at the same time, so that
// the files lie interleaved on the device; write them again; and read them twice. Closing and fsync count.
#pragma once

#include <cstdint>
#include <string>

#include "tests/suite/file_system.h"

namespace suite {

struct IozoneOptions {
  unsigned processes = 8;          // -t
  std::uint64_t file_bytes = 0;    // -s
  std::uint64_t record_bytes = 0;  // -r
};

struct IozoneResult {
  dmcore::Duration layout{0};  // all phases together
  dmcore::Duration reread{0};  // of the first file, with direct I/O, by dd
};

// Throws test::Failure if what is read is not what was written. The files stay.
IozoneResult run_iozone(Rig& rig, FileSystem& fs, const IozoneOptions& options);

}  // namespace suite
