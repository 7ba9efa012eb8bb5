// SPDX-License-Identifier: GPL-2.0-or-later
// Whatever is done to a clone device, in whatever order and with however much in flight: reads return what
// was written, the source is never written, and the status line agrees with the disks.
#include <charconv>
#include <deque>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sstream>

#include "sim/scenario/replay.h"

#include "proptests/clone_model.h"
#include "proptests/clone_plan.h"

namespace rc {

// Steps are plain data; each field is drawn by itself, and shrinks by itself.
template <>
struct Arbitrary<proptests::Step> {
  static Gen<proptests::Step> arbitrary() {
    using proptests::Step;
    using proptests::StepKind;
    return gen::build<Step>(
        gen::set(&Step::kind, gen::weightedElement<StepKind>({{6, StepKind::read},
                                                              {8, StepKind::write},
                                                              {3, StepKind::write_fua},
                                                              {3, StepKind::discard},
                                                              {2, StepKind::flush},
                                                              {2, StepKind::wait},
                                                              {2, StepKind::message},
                                                              {1, StepKind::suspend_resume},
                                                              {1, StepKind::reload},
                                                              {1, StepKind::reopen},
                                                              {2, StepKind::sleep}})),
        gen::set(&Step::background, gen::arbitrary<bool>()),
        gen::set(&Step::position, gen::inRange<std::uint32_t>(0, 1000)),
        gen::set(&Step::length,
                 gen::weightedOneOf<std::uint32_t>({{3, gen::inRange<std::uint32_t>(1, 9)},
                                                    {2, gen::element<std::uint32_t>(8, 16, 64)},
                                                    {1, gen::inRange<std::uint32_t>(1, 600)}})),
        gen::set(&Step::choice, gen::inRange<std::uint32_t>(0, 50)));
  }
};

template <>
struct Arbitrary<proptests::Plan> {
  static Gen<proptests::Plan> arbitrary() {
    using proptests::Plan;
    return gen::build<Plan>(
        gen::set(&Plan::region_shift, gen::element(3U, 4U, 6U)),
        gen::set(&Plan::regions, gen::inRange(1U, 25U)), gen::set(&Plan::tail, gen::element(0U, 0U, 1U, 4U)),
        gen::set(&Plan::hydration, gen::arbitrary<bool>()), gen::set(&Plan::passdown, gen::arbitrary<bool>()),
        gen::set(&Plan::read_latency_ms, gen::element(0U, 30U, 250U, 900U)),
        gen::set(&Plan::steps, gen::arbitrary<std::vector<proptests::Step>>()));
  }
};

}  // namespace rc

namespace {

using proptests::CloneModel;
using proptests::Command;
using proptests::Plan;
using proptests::StepKind;

// Reads a transcript along with the commands that it is of, and holds what it says against the model.
class Checker {
 public:
  Checker(const Plan& plan, const std::vector<Command>& commands)
      : commands_(commands),
        model_({proptests::device_sectors(plan), proptests::region_sectors(plan)}, "@S", "@D") {}

  // Empty, or what is wrong first.
  std::string check(const std::string& transcript) {
    std::istringstream lines(transcript);
    std::string line;
    std::size_t next = 0;
    const Command* current = nullptr;
    while (complaint_.empty() && std::getline(lines, line)) {
      if (line.starts_with("> ")) {
        finish_reads();
        current = &commands_.at(next++);
        begin(*current);
      } else {
        output(*current, line);
      }
    }
    finish_reads();
    if (complaint_.empty() && next != commands_.size()) complaint_ = "the transcript ends early";
    return complaint_;
  }

 private:
  // A read whose lines are still to come: its range, and the sectors it has not shown yet.
  struct Pending {
    const Command* command;
    std::uint64_t next_sector;
  };

  void begin(const Command& command) {
    if (command.hydration) model_.hydrate(*command.hydration);
    if (command.ends_copies) model_.copies_ended();
    switch (command.kind) {
      case StepKind::write:
      case StepKind::write_fua:
        model_.write(command.first, command.count, command.value, command.background);
        break;
      case StepKind::discard:
        model_.discard(command.first, command.count, command.background);
        break;
      case StepKind::read:
        (command.background ? background_reads_ : expected_).push_back({&command, command.first});
        break;
      case StepKind::wait:
        // What the reads in the background saw is printed now, and belongs to the window that ends.
        expected_ = std::move(background_reads_);
        background_reads_.clear();
        waited_ = true;
        break;
      default:
        break;
    }
  }

  void output(const Command& command, const std::string& line) {
    if (line.starts_with("log: ") && line.find("alignment") != std::string::npos) return;
    if (line.starts_with("0 ") || line.starts_with("read=")) {
      check_status(line);
      return;
    }
    if (!expected_.empty()) {
      check_run(line);
      return;
    }
    complaint_ = fmt::format("'{}' says: {}", command.text, line);
  }

  // "FIRST-LAST NAME"
  void check_run(const std::string& line) {
    Pending& read = expected_.front();
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    const char* end = line.data() + line.size();
    const auto [dash, error1] = std::from_chars(line.data(), end, first);
    if (error1 != std::errc() || dash == end || *dash != '-' || first != read.next_sector) {
      complaint_ = fmt::format("'{}' says: {}", read.command->text, line);
      return;
    }
    const auto [space, error2] = std::from_chars(dash + 1, end, last);
    const std::string value(space + 1, end);
    for (std::uint64_t sector = first; sector <= last; ++sector) {
      if (model_.allows(sector, value, read.command->background)) continue;
      complaint_ = fmt::format("'{}' returns {} for sector {}, which can only be {}", read.command->text,
                               value, sector, model_.allowed(sector, read.command->background));
      return;
    }
    read.next_sector = last + 1;
    if (read.next_sector == read.command->first + read.command->count) expected_.pop_front();
  }

  // The status line's hydrated regions: what was flushed is what is found after reopening.
  void check_status(const std::string& line) {
    if (line.starts_with("read=")) {
      if (line.find("written=0 ") == std::string::npos && source_filled_) {
        complaint_ = fmt::format("the source was written: {}", line);
      }
      source_filled_ = true;
      return;
    }
    if (line.find(" clone ") == std::string::npos) {
      complaint_ = fmt::format("no status of a clone: {}", line);
      return;
    }
    // 0 LEN clone 8 USED/TOTAL REGION HYDRATED/TOTAL ...
    std::istringstream fields(line);
    std::vector<std::string> words;
    for (std::string word; fields >> word;) words.push_back(word);
    if (words.back() != "rw") complaint_ = fmt::format("the metadata is not writable: {}", line);
    const std::string& hydrated = words.at(6);
    if (!hydrated_before_reopening_.empty() && hydrated != hydrated_before_reopening_) {
      complaint_ = fmt::format("{} regions were hydrated before the device was opened again, {} are after",
                               hydrated_before_reopening_, hydrated);
    }
    hydrated_before_reopening_ = hydrated;
  }

  void finish_reads() {
    if (complaint_.empty() && !expected_.empty()) {
      complaint_ = fmt::format("'{}' returned too little", expected_.front().command->text);
    }
    if (std::exchange(waited_, false)) model_.wait();
  }

  const std::vector<Command>& commands_;
  CloneModel model_;
  std::deque<Pending> expected_;
  std::deque<Pending> background_reads_;
  std::string complaint_;
  std::string hydrated_before_reopening_;
  bool source_filled_ = false;
  bool waited_ = false;
};

void holds(const Plan& plan, const sim::Schedule& schedule) {
  const std::vector<Command> commands = proptests::render(plan);
  const std::string text = proptests::scenario_text(commands);
  sim::scenario::ReplayOptions options;
  options.schedule = schedule;
  const auto result = sim::scenario::replay(text, options);
  std::string complaint = result.complaint;
  if (complaint.empty()) complaint = Checker(plan, commands).check(result.transcript);
  if (complaint.empty()) return;
  RC_FAIL(fmt::format("{}\nReplay it with:\ndmsim replay {}- <<'END'\n{}END\n", complaint,
                      schedule.kind == sim::Schedule::Kind::random
                          ? fmt::format("--schedule random --seed {} ", schedule.seed)
                          : std::string(),
                      text));
}

RC_GTEST_PROP(CloneDevice, OwesItsUserWhatTheModelSaysFirstInFirstOut, (const Plan& plan)) {
  holds(plan, {});
}

RC_GTEST_PROP(CloneDevice, OwesItsUserWhatTheModelSaysUnderARandomSchedule, (const Plan& plan)) {
  const auto seed = *rc::gen::noShrink(rc::gen::arbitrary<std::uint32_t>()).as("schedule seed");
  holds(plan, {sim::Schedule::Kind::random, seed});
}

}  // namespace
