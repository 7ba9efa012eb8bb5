// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/explain.h"

#include <chrono>
#include <fmt/format.h>
#include <map>

#include "sim/tables/amounts.h"
#include "sim/tables/foreign_types.h"
#include "sim/tables/known_types.h"
#include "sim/tables/line_check.h"
#include "sim/tables/text.h"

namespace sim::tables {

namespace {

std::string words_for(const Stack& stack, const StackDevice& device, const StackLine& line) {
  const libdm::Target& target = line.given;
  const std::string place = fmt::format("{}:{}: {}, {} from sector {}", line.where.file, line.where.line,
                                        device.name, amount(target.length), target.start);
  const dmcore::TargetArguments* declared = declared_arguments(target.type, *stack.dialect);
  if (declared == nullptr) {
    const std::string arguments = printable_arguments(target);
    return fmt::format("{}: {}{}{}: a target that dmsim does not have\n", place, excerpt(target.type),
                       arguments.empty() ? "" : " ", arguments);
  }
  std::string text = fmt::format("{}: {}, {}\n", place, target.type, declared->summary);
  for (const ExplainedWord& word : explain_arguments(target, *stack.dialect))
    text += fmt::format("    {:<24} {}\n", word.words, word.meaning);
  return text;
}

// The notes of the file's lines come after what they are about, all others at the end.
class Text {
 public:
  Text(const std::string& file, const Notes& notes) {
    for (const Note& note : notes) {
      if (note.where.file == file && note.where.line != 0) {
        of_lines_.emplace(note.where.line, &note);
      } else {
        others_.push_back(&note);
      }
    }
  }

  void add(const Stack& stack, const StackDevice& device, const StackLine& line) {
    text_ += words_for(stack, device, line);
    // A concise list has several tables in a line.
    const auto [begin, end] = of_lines_.equal_range(line.where.line);
    for (auto it = begin; it != end; ++it) add_note(*it->second);
    of_lines_.erase(begin, end);
  }
  std::string finish() {
    for (const auto& [line, note] : of_lines_) add_note(*note);
    for (const Note* note : others_) add_note(*note);
    return std::move(text_);
  }

 private:
  void add_note(const Note& note) { text_ += format_note(note) + "\n"; }

  std::multimap<int, const Note*> of_lines_;
  std::vector<const Note*> others_;
  std::string text_;
};

Notes notes_on(const Stack& stack, const BroughtUp& made, const Builder::Options& options) {
  Notes notes = stack.notes;
  const auto add = [&](const Notes& more) { notes.insert(notes.end(), more.begin(), more.end()); };
  add(made.notes);
  const LineChecker checker(stack, options);
  for (const BroughtUp::Device& device : made.devices) {
    if (!device.creation) continue;
    add(device.creation->ok ? creation_notes(stack.devices[device.index].where, *device.creation)
                            : checker.why_refused(device.index, *device.creation));
  }
  return notes;
}

}  // namespace

Explanation explain(const Request& request) {
  const Stack stack = understand(request);
  Builder::Options options = request.build;
  // So that no clone copies a large disk, in memory, before the next line is looked at.
  options.disks.timing.read_latency = std::chrono::milliseconds(1);
  Machine machine(Schedule(), *stack.dialect);
  host::Host host(machine);
  BroughtUp made;
  host.run([&] { made = bring_up(stack, host, options); });

  Notes notes = notes_on(stack, made, options);
  const Notes risks = find_risks(stack, lists_of(request));
  notes.insert(notes.end(), risks.begin(), risks.end());
  notes = sorted(std::move(notes));

  Text text(stack.file_name, notes);
  for (const StackDevice& device : stack.devices) {
    for (const StackLine& line : device.lines) text.add(stack, device, line);
  }
  return {text.finish(), exit_status(stack, notes)};
}

}  // namespace sim::tables
