// SPDX-License-Identifier: GPL-2.0-or-later
// A machine for tests of targets: device-mapper with the standard targets, and virtual disks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/disk/virtual_disk.h"

#include "tests/support/dm_machine.h"
#include "tests/support/test_machine.h"

namespace test {

class TargetBench {
 public:
  TargetBench();
  ~TargetBench() { machine_.runtime.kill(); }
  TargetBench(const TargetBench&) = delete;
  TargetBench& operator=(const TargetBench&) = delete;

  void run(std::function<void()> main) { machine_.run(std::move(main)); }
  // The next loop device, "/dev/loop0" first.
  sim::VirtualDisk& add_disk(sector_t sectors, const sim::DiskOptions& options = {});

  // A mapped device of one target that begins at 0; or of several lines. Must succeed.
  dmcore::MappedDevice& make(std::string_view name, sector_t length, const std::string& type,
                             const std::string& params);
  dmcore::MappedDevice& make(std::string_view name, const std::vector<Line>& lines) {
    return machine_.make(name, lines);
  }
  // What the log says when a table of this line is refused, without "device-mapper: table: 253:0: "; the name
  // of the errno where it says nothing. Empty if the table is accepted.
  std::string refusal(sector_t length, const std::string& type, const std::string& params);

  // What `dmsetup table` and `dmsetup status` print behind the type's name.
  std::string table(std::string_view name);
  std::string status(std::string_view name);
  // What the integrity measurement gets instead.
  std::string measured(std::string_view name);
  // `dmsetup message NAME 0 WORDS`: the answer, or the errno's name.
  std::string message(std::string_view name, const std::string& words);
  // Lines logged since the last call, without "device-mapper: ".
  std::vector<std::string> log();

  DmMachine& machine() { return machine_; }
  sim::DeterministicRuntime& runtime() { return machine_.runtime; }

 private:
  std::string status_line(std::string_view name, std::uint32_t flags);

  DmMachine machine_;
  std::vector<std::unique_ptr<sim::VirtualDisk>> disks_;
  unsigned refused_ = 0;
};

}  // namespace test
