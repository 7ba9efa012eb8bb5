// SPDX-License-Identifier: GPL-2.0-or-later
// How far an exploration of many scenarios has come, in a file from which it is resumed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/cli/explore/kind.h"

namespace sim::cli {

class ExploreCheckpoint {
 public:
  // `identity`: what is explored, and how; `counts`: names of ExploreTally::counts. An empty path: there is
  // none.
  ExploreCheckpoint(std::string path, std::string identity, std::vector<std::string> counts)
      : path_(std::move(path)), identity_(std::move(identity)), counts_(std::move(counts)) {}

  // The number of cases that are done, and what came of them; 0 if there is no such file. Throws Mistake if
  // it is of another exploration, or no checkpoint.
  std::uint64_t load(ExploreTally& tally) const;
  // Throws Failure if it cannot be written; the old one is still there then.
  void save(std::uint64_t done, const ExploreTally& tally) const;

 private:
  std::string path_;
  std::string identity_;
  std::vector<std::string> counts_;
};

}  // namespace sim::cli
