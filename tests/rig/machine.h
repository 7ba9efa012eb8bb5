// SPDX-License-Identifier: GPL-2.0-or-later
// The machine that tests run on: a simulated machine with its user space, disks without ceremony, and what a
// test asks about its end.
//
//   test::Machine machine;
//   test::Clone clone(machine, {.sectors = 64});
//   machine.run([&] { clone.create(); ... });
//
// What a call does not expect is thrown (failure.h); who wants the errors uses host(), which returns them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/host/host.h"
#include "sim/machine/machine.h"

#include "tests/rig/ending.h"
#include "tests/rig/probe_disk.h"

namespace test {

using dmcore::sector_t;

class Machine : public sim::Machine {
 public:
  explicit Machine(const sim::Schedule& schedule = {},
                   const dmclone::Dialect& dialect = dmclone::linux_dialect);
  explicit Machine(std::unique_ptr<sim::Strategy> strategy);
  ~Machine();

  [[nodiscard]] sim::host::Host& host() { return host_; }

  using sim::Machine::add_disk;
  // The next loop device, "/dev/loop0" and 7:0 first, of zeroes.
  sim::VirtualDisk& add_disk(sector_t sectors, const sim::DiskOptions& options = {});
  ProbeDisk& add_probe_disk(sector_t sectors);
  // The probe disks in the order in which they were added.
  [[nodiscard]] ProbeDisk& probe_disk(std::size_t index) { return *probe_disks_.at(index); }

  // The device behind a node such as "/dev/mapper/c". It must exist.
  dmcore::BlockDevice& device(const std::string& path);

  // Runs `body` so many times at once, each as a process that is given its number; returns when all have
  // ended. Process context.
  void in_parallel(unsigned processes, const std::function<void(unsigned)>& body);

  // What the kernel logged since the last call, a line each, without "device-mapper: " at their beginnings.
  std::vector<std::string> logged();

  // Calls `use`, which runs the machine, and says how that ended.
  Ending ending_of(const std::function<void()>& use);
  // Runs `main`; what the report says if the machine stops, else nothing.
  std::string stopped_by(const std::function<void()>& main);

 private:
  // Whether waiting for ever is no mistake of the machine: a device is suspended, a program waits for an
  // event, or a disk is silent.
  [[nodiscard]] bool may_wait(const std::string& report);

  sim::host::Host host_;
  std::vector<ProbeDisk*> probe_disks_;
  std::uint32_t loops_ = 0;
};

}  // namespace test
