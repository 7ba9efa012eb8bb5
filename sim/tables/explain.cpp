// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/explain.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/tables/amounts.h"

namespace sim::tables {

namespace {

std::string_view summary_of(std::string_view type) {
  if (type == "clone") return "a copy of the source, made on the destination while it is used";
  if (type == "linear") return "a range of a device";
  if (type == "striped") return "several devices by turns";
  if (type == "zero") return "reads as zeroes, forgets writes";
  if (type == "error") return "fails all I/O";
  if (type == "delay") return "a device that is slow";
  if (type == "flakey") return "a device that fails now and then";
  if (type == "dust") return "a device with bad blocks";
  return "a target that dmsim does not have";
}

std::string words_for(const TableDevice& device, const TableLine& line) {
  std::string text = fmt::format("{}:{}: {}, {} from sector {}: {}, {}\n", line.where.file, line.where.line,
                                 device.name, amount(line.target.length), line.target.start, line.target.type,
                                 summary_of(line.target.type));
  for (const ExplainedWord& word : explain_arguments(line.target))
    text += fmt::format("    {:<24} {}\n", word.words, word.meaning);
  return text;
}

// Of the notes those of a line.
std::string notes_of(const Notes& notes, int line) {
  std::string text;
  for (const Note& note : notes) {
    if (note.where.line == line) text += format_note(note) + "\n";
  }
  return text;
}

}  // namespace

Explanation explain(const Request& request, Bench& bench) {
  const TableFile original = parse_tables(request.name, request.text);
  Outcome outcome = bring_up(request, bench);
  DeviceList list;
  for (const auto& [name, text] : request.lists) {
    DeviceList more = parse_device_list(name, text);
    std::move(more.devices.begin(), more.devices.end(), std::back_inserter(list.devices));
  }
  const Notes risks = find_risks(outcome.stack, list);
  Notes& notes = outcome.notes;
  notes.insert(notes.end(), risks.begin(), risks.end());

  Explanation result;
  // What belongs to no line that is explained: unreadable ones, other files.
  std::vector<int> explained;
  for (const TableDevice& device : original.devices) {
    if (device.lines.empty()) continue;
    for (const TableLine& line : device.lines) {
      result.text += words_for(device, line);
      if (std::find(explained.begin(), explained.end(), line.where.line) != explained.end()) continue;
      explained.push_back(line.where.line);
      result.text += notes_of(notes, line.where.line);
    }
  }
  for (const Note& note : notes) {
    const bool shown = note.where.file == request.name &&
                       std::find(explained.begin(), explained.end(), note.where.line) != explained.end();
    if (!shown) result.text += format_note(note) + "\n";
    result.refused = result.refused || note.kind == Note::Kind::refused || note.kind == Note::Kind::error;
  }
  return result;
}

}  // namespace sim::tables
