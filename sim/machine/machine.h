// SPDX-License-Identifier: GPL-2.0-or-later
// A simulated machine: a runtime, a block layer, device-mapper with its targets, and disks.
//
// There is no global state: a process may have any number of machines, each used by one OS thread at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dmcore/block/block_layer.h"
#include "dmcore/dm/dm.h"
#include "dmcore/kernel/kernel.h"

#include "dmclone/dialect.h"

#include "sim/disk/virtual_disk.h"
#include "sim/machine/unbound_loop.h"
#include "sim/runtime/deterministic.h"
#include "sim/runtime/schedule.h"

namespace sim {

class Machine {
 public:
  // `dialect`: of its clone targets. Other target types are registered with dm().
  explicit Machine(const Schedule& schedule = {}, const dmclone::Dialect& dialect = dmclone::linux_dialect);
  // With another strategy.
  explicit Machine(std::unique_ptr<Strategy> strategy,
                   const dmclone::Dialect& dialect = dmclone::linux_dialect);
  // A power cut: all tasks stop where they are.
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // Runs `main` as a process on this machine; see DeterministicRuntime::run().
  void run(std::function<void()> main) { runtime_.run(std::move(main)); }

  [[nodiscard]] DeterministicRuntime& runtime() { return runtime_; }
  [[nodiscard]] dmcore::Kernel& kernel() { return kernel_; }
  [[nodiscard]] dmcore::KernelLog& log() { return kernel_.log(); }
  [[nodiscard]] dmcore::BlockLayer& block() { return block_; }
  [[nodiscard]] dmcore::DeviceMapper& dm() { return dm_; }
  // What the clone targets speak.
  [[nodiscard]] const dmclone::Dialect& dialect() const { return dialect_; }

  // Creates a disk and adds it. The name must be free. "loopN" is device 7:N; other names get major 240,
  // which is reserved for local use, and the next minor. Loop devices exist without a disk too, with a size
  // of 0; one that is open must not get a disk: see loop_in_use(). A given `number` must be free, and
  // may_be_disk().
  VirtualDisk& add_disk(const std::string& name, std::unique_ptr<Store> store, const DiskOptions& options,
                        std::optional<dmcore::DevT> number = {});
  // Called with each disk that is added from now on, before anything uses it. May be empty.
  void on_disk_added(std::function<void(VirtualDisk&)> added) { disk_added_ = std::move(added); }
  // Adds a block device of another kind. Its number and name must be free.
  void add_device(std::unique_ptr<dmcore::BlockDevice> device);
  // False for the major numbers of loop devices, which have their numbers by name, and of mapped devices.
  [[nodiscard]] static bool may_be_disk(dmcore::DevT number);
  [[nodiscard]] bool loop_in_use(const std::string& name) const;
  // Null if there is none.
  [[nodiscard]] VirtualDisk* disk(const std::string& name);
  // By name.
  [[nodiscard]] const std::map<std::string, std::unique_ptr<VirtualDisk>>& disks() const { return disks_; }

  // Errors of host files of disks.
  [[nodiscard]] HostErrors& host_errors() { return host_errors_; }

  // The silent disks that something waits for; empty if there are none.
  [[nodiscard]] std::string describe_silent_disks() const;
  // To be called when all I/O has completed: empty if no bio is in flight, or if a silent disk may be why;
  // else a description.
  [[nodiscard]] std::string check_idle() const;

 private:
  static constexpr std::uint32_t loop_major = 7;
  static constexpr std::uint32_t local_major = 240;
  // CONFIG_BLK_DEV_LOOP_MIN_COUNT of the reference kernel: so many have a node in /dev from the beginning.
  static constexpr std::uint32_t loop_nodes = 16;

  void probe(dmcore::DevT dev);
  // The loop device of that name if it exists and has no disk; else null.
  [[nodiscard]] UnboundLoop* unbound_loop(const std::string& name) const;
  dmcore::DevT next_local_number();

  const dmclone::Dialect& dialect_;
  DeterministicRuntime runtime_;
  dmcore::Kernel kernel_;
  dmcore::BlockLayer block_;
  std::map<std::string, std::unique_ptr<VirtualDisk>> disks_;
  std::vector<std::unique_ptr<dmcore::BlockDevice>> devices_;  // of other kinds
  std::map<std::uint32_t, std::unique_ptr<UnboundLoop>> unbound_loops_;
  dmcore::DeviceMapper dm_;
  std::uint32_t next_local_minor_ = 0;
  std::function<void(VirtualDisk&)> disk_added_;
  HostErrors host_errors_;
};

}  // namespace sim
