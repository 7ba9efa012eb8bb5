// SPDX-License-Identifier: GPL-2.0-or-later
// What the mapped devices hold before and after a part of a run, when nothing is in flight: the beginning and
// the end of their histories.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/explore/contents.h"
#include "sim/explore/recovery.h"
#include "sim/host/host.h"
#include "sim/machine/machine.h"
#include "sim/schedules/failure.h"
#include "sim/schedules/history.h"

namespace sim::schedules {

class DevicesAtRest {
 public:
  // All must outlive this.
  DevicesAtRest(Machine& machine, const explore::Contents& contents, History& history)
      : machine_(machine), contents_(contents), history_(history), reader_(machine) {}

  // A part begins. Of devices that use each other only the topmost is judged: what is below can be written
  // from above. `excuse`: why none is; may be empty. Returns those that are not, with the reason. Process
  // context.
  std::set<std::string> begin_part(std::string_view excuse);
  // It has ended: the first read that returned what it must not, of those here included. Process context.
  std::optional<Failure> end_part();

 private:
  std::optional<std::vector<std::byte>> read(const std::string& name);
  bool is_awake(const explore::Devices& devices, const explore::Device& device);
  bool is_copied(const explore::Device& device);
  [[nodiscard]] std::string excuse(const explore::Device& device) const;
  [[nodiscard]] std::string name_of(dmcore::DevT number) const;
  [[nodiscard]] bool is_the_same(const explore::Devices& now, const std::string& name) const;

  Machine& machine_;
  const explore::Contents& contents_;
  History& history_;
  host::Host reader_;         // of which the history knows nothing
  explore::Devices devices_;  // when the part began
};

}  // namespace sim::schedules
