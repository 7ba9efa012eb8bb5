// SPDX-License-Identifier: GPL-2.0-or-later
// What the original suites find on a machine: a fast and a slow disk, dmsetup, and programs that do I/O.
//
// Everything but the constructor is for a process of the machine, that is, inside run(). What goes wrong and
// was not asked for throws CommandFailed, which run() passes on.
#pragma once

#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/dmsetup/dmsetup.h"
#include "sim/host/device_file.h"
#include "sim/host/machine_system.h"
#include "sim/machine/machine.h"

#include "tests/suite/options.h"

namespace suite {

// A command of the machine's did not do its work.
class CommandFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Rig {
 public:
  explicit Rig(const Options& options = suite::options());

  void run(std::function<void()> main) { machine_.run(std::move(main)); }

  [[nodiscard]] sim::Machine& machine() { return machine_; }
  [[nodiscard]] sim::VirtualDisk& fast_disk() { return *fast_; }
  [[nodiscard]] sim::VirtualDisk& slow_disk() { return *slow_; }
  static constexpr const char* fast_path = "/dev/loop0";
  static constexpr const char* slow_path = "/dev/loop1";

  // dmsetup's standard output.
  std::string dmsetup(const std::vector<std::string>& arguments);

  // Makes a device of a table, lends its name to `body`, and removes it, however `body` ends.
  void with_device(const std::string& table, const std::function<void(const std::string& name)>& body);
  static std::string path_of(const std::string& name) { return "/dev/mapper/" + name; }

  // Opens a device for direct I/O, and closes it however `body` ends.
  void with_file(const std::string& path, const std::function<void(sim::host::DeviceFile&)>& body);

  [[nodiscard]] sector_t sectors_of(const std::string& path) { return device(path).nr_sectors(); }
  void write(const std::string& path, sector_t sector, std::span<const std::byte> data);
  void read(const std::string& path, sector_t sector, std::span<std::byte> data);
  void discard(const std::string& path, sector_t sector, sector_t count);
  // fsync() on the device.
  void flush(const std::string& path);
  // dd if=/dev/zero oflag=direct bs=IO_SIZE: writes one after the other, each of at most 1 MiB.
  void zero(const std::string& path, sector_t count, sector_t io_size = mib(1));

  // So many processes at the same time, each calling `body` with its number; returns when all have ended.
  void in_parallel(unsigned processes, const std::function<void(unsigned)>& body);

  void sleep(dmcore::Duration duration) { machine_.runtime().sleep_for(duration); }
  [[nodiscard]] dmcore::Time now() { return machine_.runtime().now(); }
  // The virtual time that `body` takes.
  dmcore::Duration time_of(const std::function<void()>& body);

  // What the kernel logged since the last call, a line each.
  std::string log();
  // `body` must throw CommandFailed; what was logged meanwhile. "not refused" if it does not.
  std::string refusal(const std::function<void()>& body);

  // The device behind a node; it must exist.
  dmcore::BlockDevice& device(const std::string& path);

 private:
  sim::Machine machine_;
  sim::host::MachineSystem system_;
  sim::VirtualDisk* fast_;
  sim::VirtualDisk* slow_;
  unsigned devices_made_ = 0;
};

// Runs `body`, then `end`, and throws what `body` threw. What unwinds a machine that is switched off passes
// through without `end`.
void ending_with(const std::function<void()>& body, const std::function<void()>& end);

// Throws unless the status is good; `what` names the operation.
void check(dmcore::Status status, const std::string& what);

}  // namespace suite
