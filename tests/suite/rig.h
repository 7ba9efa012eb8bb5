// SPDX-License-Identifier: GPL-2.0-or-later
// What the original suites find on a machine: a fast and a slow disk, device-mapper, and programs that do
// I/O.
//
// Everything but the constructor is for a process of the machine, that is, inside run(). What goes wrong and
// was not asked for throws test::Failure, which run() passes on.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "tests/rig/failure.h"
#include "tests/rig/machine.h"
#include "tests/suite/options.h"

namespace suite {

class Rig : public test::Machine {
 public:
  explicit Rig(const Options& options = suite::options());

  [[nodiscard]] sim::VirtualDisk& fast_disk() { return fast_; }
  [[nodiscard]] sim::VirtualDisk& slow_disk() { return slow_; }
  static constexpr const char* fast_path = "/dev/loop0";
  static constexpr const char* slow_path = "/dev/loop1";

  // Makes a device of a table, lends its name to `body`, and removes it, however `body` ends.
  void with_device(const sim::host::Table& table, const std::function<void(const std::string& name)>& body);
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

  void sleep(dmcore::Duration duration) { runtime().sleep_for(duration); }
  [[nodiscard]] dmcore::Time now() { return runtime().now(); }
  // The virtual time that `body` takes.
  dmcore::Duration time_of(const std::function<void()>& body);

  // `body` must throw test::Failure; what was logged meanwhile, a line each. "not refused" if it does not.
  std::string refusal(const std::function<void()>& body);

 private:
  sim::VirtualDisk& fast_;
  sim::VirtualDisk& slow_;
  unsigned devices_made_ = 0;
};

// Runs `body`, then `end`, and throws what `body` threw. What unwinds a machine that is switched off passes
// through without `end`.
void ending_with(const std::function<void()>& body, const std::function<void()>& end);

}  // namespace suite
