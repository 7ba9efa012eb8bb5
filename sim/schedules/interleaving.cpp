// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/interleaving.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "sim/explore/token_text.h"
#include "sim/schedules/touch_log.h"

namespace sim::schedules {

namespace {

using dmcore::AccessKind;
using dmcore::Point;
using Event = Trace::Event;
using What = Trace::Event::What;

// Who a task is for people, by the path of its lineage: "main > line 7 > write & > kblockd > disk I/O #2".
struct Name {
  std::string own;  // the last word
  int line = 0;     // of the program that it belongs to
  bool is_program = false;
};

int line_of(std::string_view word) {
  constexpr std::string_view prefix = "line ";
  int line = 0;
  if (!word.starts_with(prefix) || !explore::parse_number(word.substr(prefix.size()), line)) return 0;
  return line;
}

Name name_of(std::string_view path) {
  constexpr std::string_view separator = " > ";
  Name name;
  std::size_t words_of_program = 0;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find(separator), path.size());
    const std::string_view word = path.substr(0, end);
    path.remove_prefix(std::min(path.size(), end + separator.size()));
    if (name.line != 0) ++words_of_program;
    if (name.line == 0) name.line = line_of(word);
    name.own = word.substr(0, word.find(" #"));
  }
  // The command itself, or the process that runs it in the background.
  name.is_program =
      name.line != 0 && (words_of_program == 0 || (words_of_program == 1 && name.own.ends_with(" &")));
  return name;
}

std::string_view verb_of(AccessKind kind) {
  switch (kind) {
    case AccessKind::none:
      return "passes";
    case AccessKind::read:
    case AccessKind::waits_next:
    case AccessKind::awaits:
      return "reads";
    case AccessKind::write:
    case AccessKind::releases:
      return "writes";
    case AccessKind::commutes:
    case AccessKind::decides_wait:
      return "changes";
    default:
      return "counts down";
  }
}

std::string in_quotes(const std::string& name) {
  return name.empty() ? std::string() : fmt::format(" '{}'", name);
}

// "reads bit 2 of flag 'hydration_done' of c"
std::string text_of_value(const Event& step, std::string_view what) {
  std::string text(verb_of(step.access.kind));
  if (step.point == Point::flag && step.access.part != dmcore::Access::whole && step.name.empty())
    text += fmt::format(" bit {} of", step.access.part);
  if (step.point == Point::bitmap) text += fmt::format(" word {} of", step.access.part);
  return fmt::format("{} {}{}", text, what, in_quotes(step.name));
}

std::string in_place(const dmcore::Place& place) {
  const std::string text = to_string(place);
  return text.empty() ? text : " in " + text;
}

std::string text_of_operation(const Event& step) {
  std::string text;
  switch (step.point) {
    case Point::begin:
      // A transfer of a disk.
      if (step.name == "disk I/O" && !step.text.empty())
        return fmt::format("{} disk {}", verb_of(step.access.kind), step.text);
      text = "begins";
      break;
    case Point::resume:
      text = "continues";
      break;
    case Point::atomic:
      text = text_of_value(step, "atomic");
      break;
    case Point::flag:
      text = text_of_value(step, "flag");
      break;
    case Point::bitmap:
      text = text_of_value(step, "the region bitmap");
      break;
    default:
      text = fmt::format("{}{}", point_name(step.point), in_quotes(step.name));
      break;
  }
  return step.text.empty() ? text : fmt::format("{} of {}", text, step.text);
}

std::string text_of_step(const Event& step) {
  return text_of_operation(step) + in_place(step.place);
}

// Whether the two are the same operation, as far as can be seen: what its task has learnt before may be
// something else.
bool is_same(const Event& a, const Event& b) {
  return a.point == b.point && a.name == b.name && a.access.part == b.access.part &&
         a.access.kind == b.access.kind && a.text == b.text;
}

// The steps of a run by their names, which are the same in each.
class Steps {
 public:
  explicit Steps(const Trace& trace) {
    for (const Event& event : trace.events()) {
      if (event.what != What::step) continue;
      places_.emplace(std::pair(trace.tasks()[event.task].lineage, event.of_task), &event);
      by_number_.push_back(&event);
    }
  }
  [[nodiscard]] const Event* find(dmcore::Lineage lineage, std::uint32_t of_task) const {
    const auto place = places_.find({lineage, of_task});
    return place == places_.end() ? nullptr : place->second;
  }
  [[nodiscard]] const Event& at(std::size_t number) const { return *by_number_[number]; }
  [[nodiscard]] std::size_t size() const { return by_number_.size(); }

 private:
  std::map<std::pair<dmcore::Lineage, std::uint32_t>, const Event*> places_;
  std::vector<const Event*> by_number_;
};

// Makes the lines of one run.
class Reader {
 public:
  Reader(const Trace& run, const Trace& fifo, const std::map<int, std::string>& programs, bool all)
      : run_(run), steps_(run), programs_(programs), all_(all) {
    for (const Trace::Task& task : run.tasks()) names_.push_back(name_of(task.path));
    find_reversed(Steps(fifo));
  }

  Interleaving read() {
    result_.steps = steps_.size();
    for (const Event& event : run_.events()) {
      if (matters(event)) shown_.push_back(&event);
    }
    number_tasks();
    std::uint64_t last_step = 0;
    for (const Event* event : shown_) add_line(*event, last_step);
    return std::move(result_);
  }

 private:
  // Not only races: what of their consequences is on another object is of interest as well. Of one object
  // those that come directly after each other.
  void find_reversed(const Steps& fifo) {
    TouchLog touched;
    for (HappensBefore::Number second = 0; second < run_.order().size(); ++second) {
      const dmcore::Step& step = run_.order().step(second);
      for (const dmcore::Access& access : {step.access, step.also}) {
        touched.for_each_before(access,
                                [&](HappensBefore::Number first) { note_if_reversed(fifo, first, second); });
      }
      for (const dmcore::Access& access : {step.access, step.also}) touched.add(access, second);
    }
  }

  void note_if_reversed(const Steps& fifo, std::size_t first, std::size_t second) {
    const auto in_fifo = [&](const Event& step) {
      const Event* same = fifo.find(run_.tasks()[step.task].lineage, step.of_task);
      return same != nullptr && is_same(*same, step) ? same : nullptr;
    };
    if (steps_.at(first).task == steps_.at(second).task) return;
    const Event* first_there = in_fifo(steps_.at(first));
    const Event* second_there = in_fifo(steps_.at(second));
    if (first_there == nullptr || second_there == nullptr || first_there->number < second_there->number)
      return;
    reversed_[first].insert(second);
    reversed_.try_emplace(second);
  }

  [[nodiscard]] bool matters(const Event& event) const {
    if (event.what == What::ends) return all_;
    if (event.what == What::wakes) return event.task != Trace::none;
    if (all_) return true;
    if (event.what == What::step) return reversed_.contains(event.number);
    // The scenario itself, which waits for all.
    return event.what != What::waits || event.name != "settle";
  }

  [[nodiscard]] std::string label_of(std::size_t task) const {
    const Name& name = names_[task];
    const auto program = programs_.find(name.line);
    return name.is_program && program != programs_.end() ? program->second : name.own;
  }

  void number_tasks() {
    const auto place_of = [this](std::size_t task) {
      return std::pair(names_[task].is_program ? names_[task].line : 0, label_of(task));
    };
    std::map<int, std::pair<int, std::string>> seen_programs;
    std::vector<std::pair<int, std::string>> places;
    for (const Event* event : shown_) {
      auto place = place_of(event->task);
      if (place.first != 0) {
        seen_programs.emplace(place.first, std::move(place));
      } else if (std::find(places.begin(), places.end(), place) == places.end()) {
        places.push_back(std::move(place));
      }
    }
    for (auto program = seen_programs.rbegin(); program != seen_programs.rend(); ++program)
      places.insert(places.begin(), program->second);
    for (std::size_t task = 0; task < names_.size(); ++task) {
      const auto place = std::find(places.begin(), places.end(), place_of(task));
      columns_.push_back(static_cast<std::size_t>(place - places.begin()));
    }
    for (auto& [line, name] : places) result_.tasks.push_back({std::move(name), line});
  }

  // `last_step`: of the line before; then of this one.
  void add_line(const Event& event, std::uint64_t& last_step) {
    const bool is_step = event.what == What::step;
    const std::uint64_t before = event.number;  // steps that were taken before it
    Interleaving::Line line{.is_step = is_step,
                            .step = before + (is_step ? 1 : 0),
                            .task = columns_[event.task],
                            .for_line = names_[event.task].is_program ? 0 : names_[event.task].line,
                            .text = text_of(event),
                            .before = is_step ? before_which(event) : 0,
                            .left_out = before - last_step,
                            .at = event.at};
    last_step = line.step;
    result_.lines.push_back(std::move(line));
  }

  // With the program that it works for, if it is a task of the kernel.
  [[nodiscard]] std::string who(std::size_t task) const {
    const Name& name = names_[task];
    if (name.is_program || name.line == 0) return label_of(task);
    return fmt::format("{} of [{}]", label_of(task), name.line);
  }

  [[nodiscard]] std::string text_of(const Event& event) const {
    switch (event.what) {
      case What::step:
        return text_of_step(event);
      case What::passed_over:
        return fmt::format("is passed over, at: {}; {} goes first", text_of_step(event), who(event.other));
      case What::waits:
        return fmt::format("waits for {}{}{}", event.text, in_place(event.place), held_by(event));
      case What::wakes:
        return fmt::format("wakes {}", who(event.other));
      case What::ends:
        return "ends";
      case What::begins_io:
        return fmt::format("begins: {}", event.text);
      case What::ends_io:
        return event.text;
    }
    return {};
  }

  [[nodiscard]] std::string held_by(const Event& wait) const {
    return wait.other == Trace::none ? std::string() : fmt::format(", which {} holds", who(wait.other));
  }

  [[nodiscard]] std::uint64_t before_which(const Event& step) const {
    const auto place = reversed_.find(step.number);
    return place == reversed_.end() || place->second.empty() ? 0 : *place->second.begin() + 1;
  }

  const Trace& run_;
  Steps steps_;
  const std::map<int, std::string>& programs_;
  bool all_;
  std::vector<Name> names_;  // by the numbers of tasks in the trace
  // Steps of reversed races, by their numbers; of a first one, those that come after it.
  std::map<std::size_t, std::set<std::size_t>> reversed_;
  std::vector<const Event*> shown_;
  std::vector<std::size_t> columns_;  // by the numbers of tasks in the trace
  Interleaving result_;
};

// Puts lines into columns.
class Page {
 public:
  explicit Page(const Interleaving& interleaving) : interleaving_(interleaving) {
    choose_columns();
    const std::size_t all = names_.size();
    std::size_t longest = narrowest;
    for (const std::string& name : names_) longest = std::max(longest, name.size() + 2);
    pitch_ = all < 2 ? longest : std::clamp((width - margin - text_min) / (all - 1), narrowest, widest);
    pitch_ = std::min(pitch_, longest);
    if (!interleaving.lines.empty()) now_ = interleaving.lines.front().at;
  }

  std::string print(std::size_t lines_max) {
    const std::size_t all = interleaving_.lines.size();
    const auto shown = std::count_if(interleaving_.lines.begin(), interleaving_.lines.end(),
                                     [](const Interleaving::Line& line) { return line.is_step; });
    text_ = fmt::format(
        "the interleaving, {} of its {} steps ([N]: for the program of line N; (before N): first in, first "
        "out after N):\n",
        shown, interleaving_.steps);
    print_header();
    const bool cut = lines_max != 0 && all > lines_max;
    const std::size_t half = lines_max / 2;
    std::uint64_t left_out = 0;
    for (std::size_t i = 0; i < all; ++i) {
      const Interleaving::Line& line = interleaving_.lines[i];
      left_out += line.left_out;
      if (cut && i >= half && i < all - half) {
        ++left_out;
        continue;
      }
      print_gap(left_out);
      print_time(line.at);
      print_line(line);
      left_out = 0;
    }
    return std::move(text_);
  }

 private:
  static constexpr std::size_t width = 112;
  static constexpr std::size_t margin = 8;     // for the number of a step
  static constexpr std::size_t text_min = 40;  // of the last column
  static constexpr std::size_t narrowest = 11;
  static constexpr std::size_t widest = 24;
  static constexpr std::size_t columns_max = 1 + (width - margin - text_min) / narrowest;

  // If there are too many tasks, those with the fewest lines share the last column.
  void choose_columns() {
    const std::size_t all = interleaving_.tasks.size();
    std::vector<std::size_t> lines(all);
    for (const Interleaving::Line& line : interleaving_.lines) ++lines[line.task];
    std::vector<std::size_t> tasks(all);
    for (std::size_t i = 0; i < all; ++i) tasks[i] = i;
    std::stable_sort(tasks.begin(), tasks.end(),
                     [&](std::size_t a, std::size_t b) { return lines[a] > lines[b]; });
    if (all > columns_max) tasks.resize(columns_max - 1);
    std::sort(tasks.begin(), tasks.end());
    columns_.assign(all, tasks.size());
    for (const std::size_t task : tasks) {
      columns_[task] = names_.size();
      const Interleaving::Task& its = interleaving_.tasks[task];
      names_.push_back(its.line == 0 ? its.name : fmt::format("[{}] {}", its.line, its.name));
    }
    if (tasks.size() < all) names_.emplace_back("others");
  }

  [[nodiscard]] std::size_t place_of(std::size_t column) const { return margin + column * pitch_; }

  // A line with a rail in each column.
  [[nodiscard]] std::string rails() const {
    std::string line(place_of(names_.size() - 1) + 1, ' ');
    for (std::size_t column = 0; column < names_.size(); ++column) line[place_of(column)] = '|';
    return line;
  }
  void put(std::string& line, std::size_t place, std::string_view text) const {
    if (line.size() < place + text.size()) line.resize(place + text.size(), ' ');
    std::copy(text.begin(), text.end(), line.begin() + static_cast<std::ptrdiff_t>(place));
  }
  void end_line(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    text_ += line + "\n";
  }

  // In pieces of at most `most` characters, at spaces if there are some.
  static std::vector<std::string> wrapped(std::string_view text, std::size_t most) {
    std::vector<std::string> pieces;
    while (text.size() > most) {
      const std::size_t space = text.rfind(' ', most);
      const bool breaks = space != std::string_view::npos && space != 0;
      pieces.emplace_back(text.substr(0, breaks ? space : most));
      text.remove_prefix(breaks ? space + 1 : most);
    }
    pieces.emplace_back(text);
    return pieces;
  }

  void print_header() {
    std::vector<std::vector<std::string>> cells;
    std::size_t rows = 0;
    for (std::size_t column = 0; column < names_.size(); ++column) {
      const bool is_last = column + 1 == names_.size();
      cells.push_back(wrapped(names_[column], is_last ? width - place_of(column) : pitch_ - 1));
      rows = std::max(rows, cells.back().size());
    }
    for (std::size_t row = 0; row < rows; ++row) {
      std::string line = row == 0 ? "   step" : "";
      for (std::size_t column = 0; column < names_.size(); ++column) {
        if (row < cells[column].size()) put(line, place_of(column), cells[column][row]);
      }
      end_line(std::move(line));
    }
  }

  void print_gap(std::uint64_t left_out) {
    // The numbers of steps show the others.
    constexpr std::uint64_t counted_from = 10;
    if (left_out < counted_from) return;
    std::string line = rails();
    put(line, 0, "    ...");
    put(line, place_of(names_.size() - 1) + 2, fmt::format("{} steps left out", left_out));
    end_line(std::move(line));
  }

  // Where it has passed since the line before.
  void print_time(dmcore::Time now) {
    if (now == now_) return;
    now_ = now;
    std::string line = rails();
    put(line, 0, fmt::format("{:.6f} s", std::chrono::duration<double>(now).count()));
    end_line(std::move(line));
  }

  void print_line(const Interleaving::Line& line) {
    const std::size_t column = columns_[line.task];
    std::string text = line.for_line == 0 ? line.text : fmt::format("[{}] {}", line.for_line, line.text);
    if (line.before != 0) text += fmt::format(" (before {})", line.before);
    if (interleaving_.tasks.size() > names_.size() && column + 1 == names_.size())
      text = fmt::format("{}: {}", interleaving_.tasks[line.task].name, text);
    bool is_first = true;
    for (const std::string& piece : wrapped(text, width - place_of(column) - 2)) {
      std::string printed = rails();
      if (is_first && line.is_step) put(printed, 0, fmt::format("{:7}", line.step));
      put(printed, place_of(column) + (is_first ? 0 : 2), piece + " ");
      end_line(std::move(printed));
      is_first = false;
    }
  }

  const Interleaving& interleaving_;
  std::vector<std::string> names_;    // of columns
  std::vector<std::size_t> columns_;  // by task
  std::size_t pitch_ = 0;             // from one column to the next
  dmcore::Time now_{0};               // of the line before
  std::string text_;
};

}  // namespace

Interleaving interleaving_of(const Trace& run, const Trace& first_in_first_out,
                             const std::map<int, std::string>& programs, bool all) {
  return Reader(run, first_in_first_out, programs, all).read();
}

std::string to_string(const Interleaving& interleaving, std::size_t lines_max) {
  if (interleaving.lines.empty()) return {};
  return Page(interleaving).print(lines_max);
}

}  // namespace sim::schedules
