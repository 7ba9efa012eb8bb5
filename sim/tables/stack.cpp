// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/stack.h"

#include <fmt/format.h>

#include "sim/tables/disk_names.h"
#include "sim/tables/foreign.h"
#include "sim/tables/mentions.h"
#include "sim/tables/needed_disks.h"
#include "sim/tables/numbers.h"

namespace sim::tables {

namespace {

using dmcore::DevT;

StackDevice device_of(const TableDevice& table) {
  StackDevice device{.name = table.name,
                     .where = table.where,
                     .lines = {},
                     .major = table.major,
                     .minor = table.minor,
                     .uuid = table.uuid,
                     .read_only = table.read_only};
  for (const TableLine& line : table.lines)
    device.lines.push_back({line.where, line.target, line.target, {}});
  return device;
}

// From what a word says to the device or disk that is meant.
class Resolution {
 public:
  Resolution(Stack& stack, const DeviceNames& names, const DevicesByMinor& minors, const ListIndex& list)
      : stack_(stack), names_(names), minors_(minors), list_(list), disks_(stack) {}

  void run(const std::vector<Mention>& mentions) {
    for (const Mention& mention : mentions) {
      const Referent referent = resolve(mention);
      stack_.devices[mention.device].lines[mention.line].uses.push_back({mention.reference, referent});
    }
    disks_.take_sizes(list_);
  }

 private:
  Referent resolve(const Mention& mention) {
    if (const auto minor = mention.minor_under(stack_.dm_major)) {
      const auto known = minors_.find(*minor);
      if (known != minors_.end()) return {Referent::Kind::device, known->second};
      return disks_.disk_for({.name = fmt::format("missing-{}-{}", stack_.dm_major, *minor),
                              .number = DevT{stack_.dm_major, *minor},
                              .stand_in = true},
                             mention);
    }
    return mention.number ? disk_with(*mention.number, mention) : named(mention);
  }

  Referent disk_with(DevT number, const Mention& mention) {
    const ListedDevice* known = list_.find(number, stack_.dm_major);
    return disks_.disk_for(
        {.name = known != nullptr ? fit_for_disk(known->name) : disk_name(number), .number = number},
        mention);
  }

  Referent named(const Mention& mention) {
    const std::string name = name_in_path(mention.word);
    if (name.empty()) return {};
    if (const auto device = names_.find(name)) return {Referent::Kind::device, *device};
    const ListedDevice* known = list_.find(name);
    NeededDisks::Identity disk{.name = fit_for_disk(name), .number = {}, .stand_in = is_stand_in_name(name)};
    if (known != nullptr && known->major) disk.number = DevT{*known->major, known->minor};
    return disks_.disk_for(disk, mention);
  }

  Stack& stack_;
  const DeviceNames& names_;
  const DevicesByMinor& minors_;
  const ListIndex& list_;
  NeededDisks disks_;
};

}  // namespace

dmcore::sector_t StackDevice::length() const {
  return lines.empty() ? 0 : lines.back().given.start + lines.back().given.length;
}

std::string Stack::name_of(const Referent& referent) const {
  switch (referent.kind) {
    case Referent::Kind::nothing:
      return {};
    case Referent::Kind::device:
      return devices[referent.index].name;
    case Referent::Kind::disk:
      return disks[referent.index].name;
  }
  return {};
}

Stack understand(const TableFile& file, const DeviceList& list, const StackOptions& options) {
  Stack stack;
  stack.file_name = file.name;
  stack.dialect = options.dialect;
  for (const TableDevice& device : file.devices) stack.devices.push_back(device_of(device));
  stack.notes = file.notes;
  stack.notes.insert(stack.notes.end(), list.notes.begin(), list.notes.end());
  replace_foreign_targets(stack, options.leave_out);

  const std::vector<Mention> mentions = mentions_in(stack);
  const DeviceNames names(stack);
  const ListIndex index(list);
  const DevicesByMinor minors = find_numbers(stack, mentions, names, index, options);
  Resolution(stack, names, minors, index).run(mentions);
  return stack;
}

}  // namespace sim::tables
