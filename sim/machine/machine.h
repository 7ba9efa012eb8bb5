// SPDX-License-Identifier: GPL-2.0-or-later
// A simulated machine: a runtime, a block layer, device-mapper with its targets, and disks.
//
// It has no global state: any number of machines live in one process, each used by one OS thread at a time.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

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
  // `dialect`: what its clone targets speak. Further types of target are registered with dm().
  explicit Machine(const Schedule& schedule = {}, const dmclone::Dialect& dialect = dmclone::linux_dialect);
  // With a strategy of the caller's own.
  explicit Machine(std::unique_ptr<Strategy> strategy,
                   const dmclone::Dialect& dialect = dmclone::linux_dialect);
  // Pulls the plug: whatever runs ends where it stands.
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

  // Makes a disk and plugs it in. The name must be free. "loopN" is device 7:N; any other name gets major 240
  // (one of those set aside for local use) and the next minor. Loop devices are there before they have a
  // disk, with a size of 0; while somebody holds one open, it cannot get a disk.
  // A `number` of one's own must be free, and one that may_be_disk().
  VirtualDisk& add_disk(const std::string& name, std::unique_ptr<Store> store, const DiskOptions& options,
                        std::optional<dmcore::DevT> number = {});
  // Loop devices have their number from their name, and mapped devices one major number for themselves.
  [[nodiscard]] static bool may_be_disk(dmcore::DevT number);
  [[nodiscard]] bool loop_in_use(const std::string& name) const;
  // Null if there is no such disk.
  [[nodiscard]] VirtualDisk* disk(const std::string& name);
  // By name.
  [[nodiscard]] const std::map<std::string, std::unique_ptr<VirtualDisk>>& disks() const { return disks_; }

  // What must hold when nothing is going on any more: no bio is in flight. Empty, or what is wrong.
  [[nodiscard]] std::string check_idle() const;

 private:
  static constexpr std::uint32_t loop_major = 7;
  static constexpr std::uint32_t local_major = 240;
  // Those that have a node in /dev from the beginning (CONFIG_BLK_DEV_LOOP_MIN_COUNT of the reference
  // kernel).
  static constexpr std::uint32_t loop_nodes = 16;

  void probe(dmcore::DevT dev);
  dmcore::DevT next_local_number();

  const dmclone::Dialect& dialect_;
  DeterministicRuntime runtime_;
  dmcore::Kernel kernel_;
  dmcore::BlockLayer block_;
  std::map<std::string, std::unique_ptr<VirtualDisk>> disks_;
  std::map<std::uint32_t, std::unique_ptr<UnboundLoop>> unbound_loops_;
  dmcore::DeviceMapper dm_;
  std::uint32_t next_local_minor_ = 0;
};

}  // namespace sim
