// SPDX-License-Identifier: GPL-2.0-or-later
// A table of measurements, printed to standard output as the benchmark's result.
#pragma once

#include <string>
#include <vector>

#include "dmcore/kernel/types.h"

#include "tests/suite/disk_units.h"

namespace suite {

class Grid {
 public:
  // `corner` names what the rows differ in, `columns` are the other heads.
  Grid(std::string title, std::string corner, std::vector<std::string> columns);
  void row(std::string label, std::vector<std::string> cells);
  void print() const;

 private:
  std::string title_;
  std::vector<std::vector<std::string>> rows_;  // the heads are the first
};

// "4 KiB", "1 MiB".
std::string size_text(sector_t sectors);
// "123.4": MiB a second.
std::string throughput_text(sector_t sectors, dmcore::Duration time);
double seconds(dmcore::Duration time);
// "1.234": seconds.
std::string seconds_text(dmcore::Duration time);

// What the disks of this run are, in the words of a scenario's `disk`.
std::string describe_disks();

}  // namespace suite
