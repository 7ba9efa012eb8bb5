// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/report.h"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

#include "sim/tables/amounts.h"
#include "sim/tables/text.h"

namespace sim::tables {

namespace {

// In the order of the lines; what belongs to no line comes first.
Notes sorted(Notes notes) {
  std::stable_sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) {
    return std::tie(a.where.file, a.where.line) < std::tie(b.where.file, b.where.line);
  });
  return notes;
}

std::string disk_line(const NeededDisk& disk) {
  std::string line = fmt::format("  {:<16} {:>8}  {} sectors ({})", disk.name,
                                 disk.number && !disk.stand_in ? to_string(*disk.number) : "-", disk.sectors,
                                 amount(disk.sectors));
  if (disk.read_only) line += ", read-only";
  if (disk.stand_in) line += ", a stand-in";
  return line + "\n";
}

std::string device_line(const Outcome& outcome, const BroughtUp::Device& made) {
  const TableDevice& device = outcome.stack.file.devices[made.index];
  return fmt::format("  {:<16} {}{}\n", device.name, made.up ? "up" : "not there",
                     made.below.empty() ? "" : fmt::format(", on {}", fmt::join(made.below, ", ")));
}

}  // namespace

std::vector<std::string> lines(std::string_view text) {
  std::vector<std::string> out;
  for (const std::string_view line : lines_of(text)) out.emplace_back(line);
  return out;
}

Stack understand(const Request& request) {
  DeviceList list;
  for (const auto& [name, text] : request.lists) {
    DeviceList more = parse_device_list(name, text);
    std::move(more.devices.begin(), more.devices.end(), std::back_inserter(list.devices));
    std::move(more.notes.begin(), more.notes.end(), std::back_inserter(list.notes));
  }
  return understand(parse_tables(request.name, request.text), list, request.stack);
}

Outcome bring_up(const Request& request, Bench& bench) {
  Outcome outcome;
  outcome.stack = understand(request);
  outcome.made = bring_up(outcome.stack, bench, request.bring_up);
  outcome.notes = outcome.stack.notes;
  outcome.notes.insert(outcome.notes.end(), outcome.made.notes.begin(), outcome.made.notes.end());
  outcome.notes = sorted(std::move(outcome.notes));
  return outcome;
}

std::string as_scenario(const Outcome& outcome) {
  std::string text;
  for (const Note& note : outcome.notes) {
    for (const std::string& line : lines(format_note(note))) text += fmt::format("# {}\n", line);
  }
  for (const std::string& command : outcome.made.commands) text += command + "\n";
  return text + "dmsetup status\n";
}

std::string as_report(const Outcome& outcome, const std::vector<std::string>& status) {
  std::string text;
  for (const Note& note : outcome.notes) text += format_note(note) + "\n";
  if (!outcome.notes.empty()) text += "\n";
  if (!outcome.stack.disks.empty()) text += "disks:\n";
  for (const NeededDisk& disk : outcome.stack.disks) text += disk_line(disk);
  text += "devices, in the order of their making:\n";
  for (const BroughtUp::Device& device : outcome.made.devices) text += device_line(outcome, device);
  text += "status:\n";
  for (const std::string& line : status) text += fmt::format("  {}\n", line);
  return text;
}

int exit_status(const Outcome& outcome) {
  constexpr int nothing_there = 2;
  if (outcome.stack.file.devices.empty()) return nothing_there;
  return std::any_of(outcome.notes.begin(), outcome.notes.end(), is_loss) ? 1 : 0;
}

}  // namespace sim::tables
