// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/order.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace sim::tables {

namespace {

std::vector<std::size_t> devices_used_by(const StackDevice& device) {
  std::vector<std::size_t> used;
  for (const StackLine& line : device.lines) {
    for (const UsedDevice& use : line.uses) {
      if (use.referent.kind == Referent::Kind::device) used.push_back(use.referent.index);
    }
  }
  return used;
}

// Depth first, without recursion: a file may have more layers than the stack has room for.
class Walk {
 public:
  explicit Walk(const Stack& stack)
      : stack_(stack), state_(stack.devices.size(), State::new_one), circular_(stack.devices.size(), false) {}

  Order run() {
    for (std::size_t i = 0; i < state_.size(); ++i) {
      enter(i);
      while (!path_.empty()) step();
    }
    std::erase_if(order_.devices, [&](std::size_t device) { return circular_[device]; });
    return std::move(order_);
  }

 private:
  enum class State : std::uint8_t { new_one, on_path, done };
  struct Step {
    std::size_t device;
    std::vector<std::size_t> below;
    std::size_t next = 0;  // of `below`
  };

  void enter(std::size_t device) {
    if (state_[device] == State::on_path) report_circle(device);
    if (state_[device] != State::new_one) return;
    state_[device] = State::on_path;
    path_.push_back({device, devices_used_by(stack_.devices[device])});
  }

  void step() {
    Step& last = path_.back();
    if (last.next < last.below.size()) return enter(last.below[last.next++]);
    state_[last.device] = State::done;
    order_.devices.push_back(last.device);
    path_.pop_back();
  }

  void report_circle(std::size_t device) {
    auto it =
        std::find_if(path_.begin(), path_.end(), [&](const Step& step) { return step.device == device; });
    std::string names;
    for (; it != path_.end(); ++it) {
      circular_[it->device] = true;
      names += stack_.devices[it->device].name + " uses ";
    }
    order_.notes.push_back(
        {Note::Kind::left_out, stack_.devices[device].where,
         fmt::format("{}{}: none of them can be created first", names, stack_.devices[device].name)});
  }

  const Stack& stack_;
  std::vector<State> state_;
  std::vector<bool> circular_;  // of each device: it is above itself
  std::vector<Step> path_;
  Order order_;
};

}  // namespace

Order creation_order(const Stack& stack) {
  return Walk(stack).run();
}

std::vector<std::size_t> devices_below(const Stack& stack, std::size_t device) {
  std::set<std::size_t> seen = {device};
  std::vector<std::size_t> below;
  std::vector<std::size_t> to_do = {device};
  while (!to_do.empty()) {
    const std::size_t upper = to_do.back();
    to_do.pop_back();
    for (const std::size_t lower : devices_used_by(stack.devices[upper])) {
      if (!seen.insert(lower).second) continue;
      below.push_back(lower);
      to_do.push_back(lower);
    }
  }
  return below;
}

}  // namespace sim::tables
