// SPDX-License-Identifier: GPL-2.0-or-later
// Watches a clone from inside its machine: tells how far it is, and ends what can get no further.
#pragma once

#include <functional>
#include <optional>

#include "dmcore/kernel/wait.h"

#include "sim/clone/listener.h"
#include "sim/host/host.h"

namespace sim::clone {

class Monitor {
 public:
  struct Setup {
    std::string device;
    std::uint64_t threshold_min = 1;  // one region, in the units of the clone's dialect
    // Virtual time that a region may take, at most.
    dmcore::Duration patience{0};
  };

  // `progress` fills in what the workload has done. All of them must outlive this.
  Monitor(host::Host& host, Listener& listener, Setup setup, std::function<void(Progress&)> progress);
  ~Monitor();
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  // From now on it looks at the clone again and again, while the machine runs. It lets Failed or Interrupted
  // end the run: when the host fails a disk, or the listener wants an end; what has been copied until then is
  // committed.
  void begin();
  // The workload is over: only the clone itself does I/O. Process context; sleeps until every region is
  // hydrated, or lets Failed end the run when that will not happen.
  void wait_until_hydrated();
  // Throws Failed if the host has failed a disk.
  void check_host();

  // When every region was hydrated.
  [[nodiscard]] dmcore::Time hydrated_at() const { return hydrated_at_; }

 private:
  void look();
  void report(const host::CloneStatus& status);
  // Why a clone whose regions are not copied at the moment will copy no more; nothing if it will.
  [[nodiscard]] std::optional<std::string> standstill(const host::DmResult<host::CloneStatus>& status);
  void adapt_interval(std::uint64_t hydrated, std::uint64_t regions);
  // `reason` with what there is to know of the state.
  [[noreturn]] void fail(const std::string& reason);

  host::Host& host_;
  Listener& listener_;
  Setup setup_;
  std::function<void(Progress&)> fill_progress_;
  dmcore::Event look_event_;
  dmcore::Completion hydrated_;
  dmcore::Duration interval_;
  bool workload_over_ = false;
  Progress last_;
  dmcore::Time last_change_{0};  // of the number of hydrated regions
  dmcore::Time hydrated_at_{0};
};

}  // namespace sim::clone
