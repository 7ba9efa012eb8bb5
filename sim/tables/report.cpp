// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/report.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <tuple>

#include "sim/tables/amounts.h"
#include "sim/tables/scenario_text.h"
#include "sim/tables/text.h"

namespace sim::tables {

namespace {

std::string disk_line(const NeededDisk& disk) {
  std::string line = fmt::format("  {:<16} {:>8}  {}", disk.name,
                                 disk.number && !disk.stand_in ? to_string(*disk.number) : "-",
                                 sectors_and_amount(disk.sectors));
  if (disk.read_only) line += ", read-only";
  if (disk.stand_in) line += ", a stand-in";
  return line + "\n";
}

std::string device_line(const Outcome& outcome, const BroughtUp::Device& made) {
  return fmt::format("  {:<16} {}{}\n", outcome.stack.devices[made.index].name,
                     made.creation && made.creation->ok ? "up" : "not there",
                     made.below.empty() ? "" : fmt::format(", on {}", fmt::join(made.below, ", ")));
}

}  // namespace

Notes sorted(Notes notes) {
  std::stable_sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) {
    return std::tie(a.where.file, a.where.line) < std::tie(b.where.file, b.where.line);
  });
  return notes;
}

DeviceList lists_of(const Request& request) {
  DeviceList list;
  for (const auto& [name, text] : request.lists) {
    DeviceList more = parse_device_list(name, text);
    std::move(more.devices.begin(), more.devices.end(), std::back_inserter(list.devices));
    std::move(more.notes.begin(), more.notes.end(), std::back_inserter(list.notes));
  }
  return list;
}

Stack understand(const Request& request) {
  return understand(parse_tables(request.name, request.text), lists_of(request), request.stack);
}

Outcome bring_up(const Request& request, host::Host& host) {
  Outcome outcome;
  outcome.stack = understand(request);
  outcome.made = bring_up(outcome.stack, host, request.build);
  outcome.notes = outcome.stack.notes;
  const auto add = [&](const Notes& more) {
    outcome.notes.insert(outcome.notes.end(), more.begin(), more.end());
  };
  add(outcome.made.notes);
  for (const BroughtUp::Device& device : outcome.made.devices) {
    if (device.creation) add(creation_notes(outcome.stack.devices[device.index].where, *device.creation));
  }
  outcome.notes = sorted(std::move(outcome.notes));
  return outcome;
}

std::string as_scenario(const Outcome& outcome) {
  std::string text;
  for (const Note& note : outcome.notes) {
    const std::string words = format_note(note);
    for (const std::string_view line : lines_of(words)) text += fmt::format("# {}\n", line);
  }
  for (const std::string& command : commands_for(outcome.made.made)) text += command + "\n";
  return text + "dmsetup status\n";
}

std::string as_report(const Outcome& outcome, std::string_view status) {
  std::string text;
  for (const Note& note : outcome.notes) text += format_note(note) + "\n";
  if (!outcome.notes.empty()) text += "\n";
  if (!outcome.stack.disks.empty()) text += "disks:\n";
  for (const NeededDisk& disk : outcome.stack.disks) text += disk_line(disk);
  text += "devices, in the order of their creation:\n";
  for (const BroughtUp::Device& device : outcome.made.devices) text += device_line(outcome, device);
  text += "status:\n";
  for (const std::string_view line : lines_of(status)) text += fmt::format("  {}\n", line);
  return text;
}

int exit_status(const Stack& stack, const Notes& notes) {
  constexpr int nothing_there = 2;
  if (stack.devices.empty()) return nothing_there;
  return std::any_of(notes.begin(), notes.end(), is_loss) ? 1 : 0;
}

}  // namespace sim::tables
