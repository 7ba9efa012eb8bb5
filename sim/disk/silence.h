// SPDX-License-Identifier: GPL-2.0-or-later
// What a silent disk holds back.
#pragma once

#include <vector>

#include "dmcore/kernel/runtime.h"

#include "sim/disk/fault_map.h"

namespace sim {

class Silence {
 public:
  // Of the disk with these faults, which must outlive it.
  Silence(dmcore::Runtime& runtime, const FaultMap& faults);
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() { runtime_.cancel(end_); }

  // Asked by an event of the disk when it runs: whether the disk is silent now. If so, the event is to return
  // at once; it is posted again when the disk answers.
  [[nodiscard]] bool holds(dmcore::Event& due);
  // Other faults are there: asks again for what is held.
  void faults_changed();
  // How many events are held.
  [[nodiscard]] std::size_t held() const { return held_.size(); }

 private:
  void answer();

  dmcore::Runtime& runtime_;
  const FaultMap& faults_;
  std::vector<dmcore::Event*> held_;  // in the order in which they were due
  dmcore::Event end_;
};

}  // namespace sim
