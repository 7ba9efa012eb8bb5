// SPDX-License-Identifier: GPL-2.0-or-later
// One clone, from an empty machine to a finished destination: a clone device is made over three disks, it
// hydrates while a workload uses it, and at the end a linear target over the destination takes its place, as
// dm-clone's documentation describes.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "dmclone/dialect.h"

#include "sim/clone/listener.h"
#include "sim/clone/monitor.h"
#include "sim/clone/workload.h"
#include "sim/host/host.h"
#include "sim/machine/machine.h"
#include "sim/scenario/interpreter.h"
#include "sim/store/store.h"

namespace sim::clone {

struct Settings {
  dmcore::sector_t region_size = 8;
  unsigned threshold = 64;  // regions
  unsigned batch = 16;      // regions
  DiskTiming source = {.read_latency = std::chrono::milliseconds(2), .bytes_per_second = 100 << 20};
  DiskTiming destination = {.read_latency = std::chrono::microseconds(100),
                            .write_latency = std::chrono::microseconds(100)};
  Schedule schedule = {};
  const dmclone::Dialect* dialect = &dmclone::linux_dialect;  // never null
};

// Those of source and destination have the clone's size.
struct Disks {
  std::unique_ptr<Store> source;
  std::unique_ptr<Store> destination;
  std::unique_ptr<Store> metadata;
};

struct Summary {
  std::string status;  // the clone's last
  std::string table;   // of what has taken its place
  dmcore::sector_t sectors = 0;
  std::uint64_t regions = 0;
  std::uint64_t hydrated_before = 0;  // regions that an earlier run had copied
  dmcore::Time hydrated_at{0};
  std::uint64_t reads = 0;  // of the workload
  std::uint64_t writes = 0;
  dmcore::IoCounters source{};
  dmcore::IoCounters destination{};
  dmcore::IoCounters metadata{};
  // The first `expect` of the workload that was not met, or command that failed without one.
  std::optional<scenario::Interpreter::Unexpected> unexpected{};
};

class Job {
 public:
  // The listener must outlive this.
  Job(const Settings& settings, Disks disks, Listener& listener);
  ~Job();
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  // Once. Throws Failed, Interrupted, Refused if the clone target refuses its table, and MachineStopped.
  Summary run(const Workload& workload);

 private:
  void set_up(Disks disks);
  void begin();
  void run_workload(const Workload& workload);
  void begin_command(const Workload& workload, language::SourcePosition where);
  void pass_on_output();
  void replace_with_linear();
  [[nodiscard]] std::string table_params() const;
  [[nodiscard]] dmcore::Duration patience() const;

  Settings settings_;
  Listener& listener_;
  Machine machine_;
  host::Host host_;
  const language::Command* command_ = nullptr;  // of the workload
  std::vector<std::string> output_;             // its own
  std::optional<scenario::Interpreter> interpreter_;
  std::optional<Monitor> monitor_;
  Summary summary_;
};

}  // namespace sim::clone
