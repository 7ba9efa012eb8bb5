// SPDX-License-Identifier: GPL-2.0-or-later
// Errors of the host when storing the bytes of a disk.
#pragma once

#include <string>
#include <vector>

#include "dmcore/kernel/errno.h"

namespace sim {

// For the machine it is an I/O error of its disk. The user must know that it was not simulated: the file
// system is full, or the file not writable.
struct HostError {
  std::string file;
  dmcore::Errno error;
  friend bool operator==(const HostError&, const HostError&) = default;
};

// "FILE: No space left on device".
std::string describe(const HostError& error);

// Collects errors until they are reported. A failing disk causes many errors: each error of a file is kept
// once.
class HostErrors {
 public:
  void add(HostError error);
  // The errors since the last call.
  std::vector<HostError> take();

 private:
  std::vector<HostError> all_;
  std::size_t taken_ = 0;
};

}  // namespace sim
