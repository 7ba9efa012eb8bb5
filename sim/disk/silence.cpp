// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/disk/silence.h"

#include <utility>

namespace sim {

Silence::Silence(dmcore::Runtime& runtime, const FaultMap& faults)
    : runtime_(runtime),
      faults_(faults),
      end_("disk answers", dmcore::TaskKind::softirq, [this] { answer(); }) {}

bool Silence::holds(dmcore::Event& due) {
  const auto until = faults_.silent_until(runtime_.now());
  if (!until) return false;
  held_.push_back(&due);
  if (*until != Fault::Silent::for_ever && end_.state == dmcore::Event::State::idle)
    runtime_.post_at(end_, *until);
  return true;
}

void Silence::faults_changed() {
  runtime_.cancel(end_);
  answer();
}

void Silence::answer() {
  for (dmcore::Event* event : std::exchange(held_, {})) runtime_.post(*event);
}

}  // namespace sim
