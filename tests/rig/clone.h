// SPDX-License-Identifier: GPL-2.0-or-later
// A clone device "c" on three disks of a machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/rig/machine.h"

namespace test {

struct CloneShape {
  sector_t sectors = 2048;
  sector_t region_sectors = 8;
  std::vector<std::string> features = {"no_hydration"};
  std::vector<std::pair<std::string, std::string>> core_arguments = {};  // "hydration_threshold", "4"
  sector_t metadata_sectors = 8192;
  sim::DiskOptions destination_options = {};
  sim::DiskOptions source_options = {};
};

// A line of a table from sector 0 on. Devices are paths.
sim::host::Target clone_target(const CloneShape& shape, const std::string& metadata,
                               const std::string& destination, const std::string& source);
sim::host::Target linear_target(sector_t sectors, const std::string& device, sector_t offset);

// All but the constructor is for process context. Data are letters (letters.h).
class Clone {
 public:
  // Plugs the disks in: metadata, destination and source, loop0, loop1 and loop2 on a machine without others.
  // The destination begins with zeroes; the source with its own stamps, which read as small letters 's'.
  Clone(Machine& machine, CloneShape shape);

  void create();
  void remove();
  // Another table over the same disks in place of the one that is live. It is loaded while the device is
  // suspended: before, it would read metadata that is not committed yet (docs/findings.md).
  void reload(const CloneShape& shape);
  void suspend();
  void resume();
  void message(const std::string& words);
  [[nodiscard]] sim::host::CloneStatus status();

  void write(sector_t sector, std::string_view letters, bool dsync = false);
  // The name of the errno if it fails.
  [[nodiscard]] std::string read(sector_t sector, sector_t count);
  void discard(sector_t sector, sector_t count);
  void flush();

  // Sleeps until all regions are hydrated; for ten minutes at most.
  void wait_until_hydrated();

  [[nodiscard]] sim::host::Table table() const;
  [[nodiscard]] const CloneShape& shape() const { return shape_; }
  [[nodiscard]] sim::VirtualDisk& metadata() { return metadata_; }
  [[nodiscard]] sim::VirtualDisk& destination() { return destination_; }
  [[nodiscard]] sim::VirtualDisk& source() { return source_; }
  // What is mapped. It must exist.
  [[nodiscard]] dmcore::BlockDevice& device() { return machine_.device("/dev/mapper/c"); }

  static inline const std::string name = "c";

 private:
  Machine& machine_;
  CloneShape shape_;
  sim::VirtualDisk& metadata_;
  sim::VirtualDisk& destination_;
  sim::VirtualDisk& source_;
};

}  // namespace test
