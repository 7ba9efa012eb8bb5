// SPDX-License-Identifier: GPL-2.0-or-later
// What the host says when it cannot keep the bytes of a disk.
#pragma once

#include <string>
#include <vector>

#include "dmcore/kernel/errno.h"

namespace sim {

// A machine sees such an error as an I/O error of its disk. The person who runs it has to know that it was
// none of the simulation's: a file system that is full, a file that may not be written.
struct HostError {
  std::string file;
  dmcore::Errno error;
  friend bool operator==(const HostError&, const HostError&) = default;
};

// "FILE: No space left on device".
std::string describe(const HostError& error);

// Collects errors until they are reported. A disk that fails fails again and again: each error of a file
// counts once.
class HostErrors {
 public:
  void add(HostError error);
  // Those that came since the last call.
  std::vector<HostError> take();

 private:
  std::vector<HostError> all_;
  std::size_t taken_ = 0;
};

}  // namespace sim
