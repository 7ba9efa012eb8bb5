// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/line_check.h"

#include <algorithm>
#include <optional>
#include <set>

#include "sim/tables/order.h"

namespace sim::tables {

namespace {

constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

void add(Notes& notes, const Place& where, const Creation& creation) {
  const Notes more = creation_notes(where, creation);
  notes.insert(notes.end(), more.begin(), more.end());
}

// The disks that devices use, from 0.
std::set<std::size_t> disks_of(const Stack& stack, const std::vector<std::size_t>& devices) {
  std::set<std::size_t> disks;
  for (const std::size_t device : devices) {
    for (const StackLine& line : stack.devices[device].lines) {
      for (const UsedDevice& use : line.uses) {
        if (use.referent.kind == Referent::Kind::disk) disks.insert(use.referent.index);
      }
    }
  }
  return disks;
}

}  // namespace

LineChecker::LineChecker(const Stack& stack, const Builder::Options& options)
    : stack_(stack), options_(options), positions_(stack.devices.size(), nowhere) {
  const Order order = creation_order(stack);
  for (std::size_t i = 0; i < order.devices.size(); ++i) positions_[order.devices[i]] = i;
}

// Creates the device on a new machine, with its whole table or with one line of it.
Creation LineChecker::create_alone(std::size_t device, const StackLine* line) const {
  std::vector<std::size_t> below = devices_below(stack_, device);
  std::sort(below.begin(), below.end(),
            [&](std::size_t a, std::size_t b) { return positions_[a] < positions_[b]; });
  std::vector<std::size_t> all = below;
  all.push_back(device);

  Machine machine(Schedule(), *stack_.dialect);
  host::Host host(machine);
  Creation creation;
  host.run([&] {
    Builder builder(stack_, host, options_);
    for (const std::size_t disk : disks_of(stack_, all)) builder.make_disk(disk);
    for (const std::size_t each : below) {
      const bool up = positions_[each] != nowhere && builder.create(each, builder.table_of(each)).ok;
      if (!up) builder.make_stand_in(each);
    }
    host::Table table = line == nullptr ? builder.table_of(device) : host::Table{builder.target_of(*line)};
    if (line != nullptr) table.front().start = 0;
    creation = builder.create(device, table);
  });
  return creation;
}

Notes LineChecker::why_refused(std::size_t device, const Creation& with_others) const {
  const std::vector<StackLine>& lines = stack_.devices[device].lines;
  const Creation alone = create_alone(device, nullptr);
  Notes notes;
  if (alone.ok) {
    // What other devices have done before is in its way.
    add(notes, stack_.devices[device].where, with_others);
    for (Note& note : notes) note.text = "only because of other devices of the file: " + note.text;
    return notes;
  }
  bool first = true;
  dmcore::sector_t end = 0;
  for (const StackLine& line : lines) {
    const bool adjoins = line.target.start == end;
    end = line.target.start + line.target.length;
    const Creation by_itself = lines.size() == 1 ? alone : create_alone(device, &line);
    if (adjoins && by_itself.ok) continue;
    // What the kernel says of the table is about its first wrong line.
    if (first || !by_itself.ok) add(notes, line.where, first ? alone : by_itself);
    first = false;
  }
  if (first) add(notes, stack_.devices[device].where, alone);
  return notes;
}

}  // namespace sim::tables
