// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/store/host_error.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace sim {

std::string describe(const HostError& error) {
  // Returned by FileStore for a locked file.
  if (error.error == dmcore::Errno::busy) return error.file + ": in use, by another disk or another process";
  return error.file + ": " + std::generic_category().message(static_cast<int>(error.error));
}

void HostErrors::add(HostError error) {
  if (std::find(all_.begin(), all_.end(), error) == all_.end()) all_.push_back(std::move(error));
}

std::vector<HostError> HostErrors::take() {
  std::vector<HostError> fresh(all_.begin() + static_cast<std::ptrdiff_t>(taken_), all_.end());
  taken_ = all_.size();
  return fresh;
}

}  // namespace sim
