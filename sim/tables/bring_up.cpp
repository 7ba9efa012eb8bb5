// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/bring_up.h"

#include <fmt/format.h>

#include "sim/tables/amounts.h"
#include "sim/tables/foreign.h"
#include "sim/tables/order.h"

namespace sim::tables {

namespace {

class BringingUp {
 public:
  BringingUp(const Stack& stack, host::Host& host, const Builder::Options& options)
      : stack_(stack), builder_(stack, host, options), leave_out_(options.leave_out) {}

  BroughtUp run() {
    const Order order = creation_order(stack_);
    result_.notes = order.notes;
    for (std::size_t i = 0; i < stack_.disks.size(); ++i) builder_.make_disk(i);
    for (const std::size_t device : order.devices) create(device);
    result_.notes.insert(result_.notes.end(), builder_.notes().begin(), builder_.notes().end());
    result_.made = builder_.made();
    return std::move(result_);
  }

 private:
  void note(Note::Kind kind, const Place& where, std::string text) {
    result_.notes.push_back({kind, where, std::move(text)});
  }

  void create(std::size_t index) {
    const StackDevice& device = stack_.devices[index];
    BroughtUp::Device made{.index = index, .creation = {}, .below = {}};
    if (!device.left_out && provide_below(index)) {
      made.below = builder_.names_below(index);
      made.creation = builder_.create(index, builder_.table_of(index));
    }
    result_.devices.push_back(std::move(made));
  }

  // False if a device below is missing and must not be replaced.
  bool provide_below(std::size_t index) {
    for (const StackLine& line : stack_.devices[index].lines) {
      for (const UsedDevice& use : line.uses) {
        const std::size_t below = use.referent.index;
        if (use.referent.kind != Referent::Kind::device || builder_.is_up(below)) continue;
        if (leave_out_) {
          note(Note::Kind::left_out, stack_.devices[index].where,
               fmt::format("{} uses {}, which is missing", stack_.devices[index].name,
                           stack_.devices[below].name));
          return false;
        }
        if (!builder_.has_stand_in(below)) stand_in(below);
      }
    }
    return true;
  }

  void stand_in(std::size_t index) {
    const StackDevice& missing = stack_.devices[index];
    builder_.make_stand_in(index);
    note(Note::Kind::replaced, missing.where,
         fmt::format("{} is missing: {}, a disk of {}, stands in for it below others", missing.name,
                     stand_in_name(missing.name), amount(missing.length())));
  }

  const Stack& stack_;
  Builder builder_;
  bool leave_out_;
  BroughtUp result_;
};

}  // namespace

Notes creation_notes(const Place& where, const Creation& creation) {
  // What the kernel logs of a device that it creates is a warning.
  const Note::Kind kind = creation.ok ? Note::Kind::told : Note::Kind::refused;
  Notes notes;
  for (const std::string& line : creation.log) notes.push_back({kind, where, line});
  if (!creation.ok && creation.log.empty()) notes.push_back({kind, where, creation.error});
  return notes;
}

BroughtUp bring_up(const Stack& stack, host::Host& host, const Builder::Options& options) {
  return BringingUp(stack, host, options).run();
}

}  // namespace sim::tables
