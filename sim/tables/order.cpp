// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/order.h"

#include <algorithm>
#include <fmt/format.h>

namespace sim::tables {

namespace {

class Walk {
 public:
  explicit Walk(const Stack& stack) : stack_(stack), state_(stack.file.devices.size(), State::new_one) {
    order_.circular.assign(stack.file.devices.size(), false);
  }

  Order run() {
    for (std::size_t i = 0; i < state_.size(); ++i) visit(i);
    std::erase_if(order_.devices, [&](std::size_t device) { return order_.circular[device]; });
    return std::move(order_);
  }

 private:
  enum class State : std::uint8_t { new_one, on_the_way, done };

  void visit(std::size_t device) {
    if (state_[device] == State::done) return;
    if (state_[device] == State::on_the_way) return report_circle(device);
    state_[device] = State::on_the_way;
    path_.push_back(device);
    for (const auto& line : stack_.words[device]) {
      for (const UsedWord& word : line) {
        if (word.referent.kind == Referent::Kind::device) visit(word.referent.index);
      }
    }
    path_.pop_back();
    state_[device] = State::done;
    order_.devices.push_back(device);
  }

  void report_circle(std::size_t device) {
    const auto from = std::find(path_.begin(), path_.end(), device);
    std::string names;
    for (auto it = from; it != path_.end(); ++it) {
      order_.circular[*it] = true;
      names += stack_.file.devices[*it].name + " stands on ";
    }
    order_.notes.push_back(
        {Note::Kind::left_out, stack_.file.devices[device].where,
         fmt::format("{}{}: none of them can be made first", names, stack_.file.devices[device].name)});
  }

  const Stack& stack_;
  std::vector<State> state_;
  std::vector<std::size_t> path_;
  Order order_;
};

}  // namespace

Order creation_order(const Stack& stack) {
  return Walk(stack).run();
}

}  // namespace sim::tables
