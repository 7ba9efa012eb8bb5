// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/builder.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "dmcore/dm/dm.h"

#include "sim/tables/foreign.h"

namespace sim::tables {

namespace {

constexpr std::uint32_t our_major = dmcore::DeviceMapper::major;

}  // namespace

Builder::Builder(const Stack& stack, host::Host& host, const Options& options)
    : stack_(stack),
      host_(host),
      options_(options),
      states_(stack.devices.size()),
      numbers_kept_(stack.disks.size(), false) {
  choose_minors();
}

void Builder::note(Note::Kind kind, std::string text) {
  notes_.push_back({kind, {stack_.file_name, 0}, std::move(text)});
}

// If the number of one device is known, all get one, so that none takes another's.
void Builder::choose_minors() {
  std::set<std::uint32_t> taken;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    states_[i].minor = stack_.devices[i].minor;
    if (states_[i].minor) taken.insert(*states_[i].minor);
  }
  if (taken.empty()) return;
  std::uint32_t next = 0;
  for (DeviceState& state : states_) {
    if (state.minor) continue;
    while (!taken.insert(next).second) ++next;
    state.minor = next;
  }
}

// --- disks

void Builder::make_disk(std::size_t index) {
  const NeededDisk& disk = stack_.disks[index];
  if (host_.disk(disk.name) != nullptr)
    return note(Note::Kind::told, fmt::format("there is a disk {} already; it is used", disk.name));
  host::DiskSpec spec{
      .name = disk.name, .size_bytes = dmcore::to_bytes(disk.sectors), .options = options_.disks};
  spec.options.read_only = options_.disks.read_only || disk.read_only;
  if (disk.number && !disk.stand_in && Machine::may_be_disk(*disk.number)) spec.number = disk.number;
  numbers_kept_[index] = add_disk(spec) && spec.number;
}

bool Builder::add_disk(const host::DiskSpec& spec) {
  const auto added = host_.add_disk(spec);
  if (added.ok()) {
    made_.emplace_back(spec);
  } else {
    note(Note::Kind::error,
         fmt::format("the disk {} cannot be made: {}", spec.name, errno_name(added.error())));
  }
  return added.ok();
}

void Builder::make_stand_in(std::size_t device) {
  const StackDevice& missing = stack_.devices[device];
  host::DiskSpec spec{.name = stand_in_name(missing.name),
                      .size_bytes = dmcore::to_bytes(missing.length()),
                      .options = options_.disks};
  states_[device].stand_in = spec.name;
  add_disk(spec);
}

// --- devices

Creation Builder::create(std::size_t device, const host::Table& table) {
  const StackDevice& wanted = stack_.devices[device];
  const NewDevice made{wanted.name,
                       table,
                       {.uuid = wanted.uuid, .minor = states_[device].minor, .read_only = wanted.read_only}};
  const host::DmStatus status = host_.dm().create(made.name, made.table, made.options);
  host_.settle();
  Creation creation{status.ok(), host_.take_log(), {}};
  states_[device].up = status.ok();
  if (status.ok()) {
    made_.emplace_back(made);
  } else {
    creation.error = status.error().text;
    // A device that was to get a minor number stays behind without a table: its removal by libdevmapper names
    // the number as well, which the kernel refuses.
    if (host_.dm().info(made.name).has_value() && host_.dm().info(made.name)->exists)
      (void)host_.dm().remove(made.name);
    (void)host_.take_log();
  }
  return creation;
}

host::Table Builder::table_of(std::size_t device) const {
  host::Table table;
  for (const StackLine& line : stack_.devices[device].lines) table.push_back(target_of(line));
  return table;
}

// The arguments as they are in the file, unless a device has another name or number here.
host::Target Builder::target_of(const StackLine& line) const {
  host::Target target = line.target;
  std::vector<std::string> words = arguments_of(target);
  bool changed = false;
  for (const UsedDevice& use : line.uses) {
    std::string& word = words[use.reference.word];
    std::string here = word_here(word, use.referent);
    changed = changed || here != word;
    word = std::move(here);
  }
  if (changed) target.params = join_arguments(words);
  return target;
}

std::string Builder::word_here(const std::string& word, const Referent& referent) const {
  switch (referent.kind) {
    case Referent::Kind::nothing:
      return word;
    case Referent::Kind::disk: {
      const NeededDisk& disk = stack_.disks[referent.index];
      const bool same_number = numbers_kept_[referent.index] && word == to_string(*disk.number);
      return same_number ? word : "/dev/" + disk.name;
    }
    case Referent::Kind::device:
      break;
  }
  const DeviceState& state = states_[referent.index];
  if (state.stand_in) return "/dev/" + *state.stand_in;
  if (state.minor && word == to_string(dmcore::DevT{our_major, *state.minor})) return word;
  return "/dev/mapper/" + *mangled_name(stack_.devices[referent.index].name);
}

std::string Builder::name_here(const Referent& referent) const {
  if (referent.kind == Referent::Kind::device && states_[referent.index].stand_in)
    return *states_[referent.index].stand_in;
  return stack_.name_of(referent);
}

std::vector<std::string> Builder::names_below(std::size_t device) const {
  std::vector<std::string> names;
  for (const StackLine& line : stack_.devices[device].lines) {
    for (const UsedDevice& use : line.uses) {
      std::string name = name_here(use.referent);
      if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(std::move(name));
    }
  }
  return names;
}

}  // namespace sim::tables
