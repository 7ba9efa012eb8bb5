// SPDX-License-Identifier: GPL-2.0-or-later
// What the fuzz targets that call device-mapper have in common: a machine with disks of several kinds, and
// calls that are given a time to return.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz_target.h"
#include "tests/rig/machine.h"

namespace fuzz {

class TargetBench {
 public:
  // Disks: loop0 is 4 MiB, for metadata; loop1 and loop2 2 MiB, loop2 begins with data; loop3 is read-only;
  // loop4 has blocks of 4 KiB and no discards.
  explicit TargetBench(std::uint64_t steps);

  [[nodiscard]] sim::Machine& machine() { return machine_; }

  // Runs `use` as a process, to its end or the machine's.
  Outcome outcome_of(const std::function<void()>& use);

  // The rest is for `use`.
  //
  // A call in a process of its own, which is left alone if it is not over in a second.
  void call(std::function<void()> function);
  // What dmsetup says and what is then in the log.
  void dmsetup(std::vector<std::string> arguments);
  // Reads, writes and discards at the device's ends and in the middle.
  void touch(const std::string& path);
  void say(std::string_view line);

 private:
  test::Machine machine_;
  std::string transcript_;
};

}  // namespace fuzz
