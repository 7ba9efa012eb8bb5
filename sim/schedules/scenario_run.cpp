// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/scenario_run.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <iterator>
#include <set>
#include <utility>

#include "sim/host/host.h"
#include "sim/language/parser.h"
#include "sim/language/pattern.h"
#include "sim/machine/machine.h"
#include "sim/scenario/interpreter.h"
#include "sim/schedules/director.h"
#include "sim/schedules/history.h"

namespace sim::schedules {

namespace {

constexpr std::array<std::string_view, oracle_count> oracle_names = {"stops", "reads", "in_flight"};

std::string describe(const explore::Contents& contents, explore::ContentId id, std::uint32_t sector) {
  explore::Contents::Sector bytes;
  contents.copy(id, bytes);
  return language::sector_name(bytes, sector);
}

bool same_table(const host::Table& a, const host::Table& b) {
  const auto same = [](const host::Target& one, const host::Target& other) {
    return one.start == other.start && one.length == other.length && one.type == other.type &&
           one.params == other.params;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

}  // namespace

std::string_view name_of(Oracle oracle) {
  return oracle_names[static_cast<std::size_t>(oracle)];
}

std::optional<Oracle> oracle_named(std::string_view name) {
  const auto found = std::find(oracle_names.begin(), oracle_names.end(), name);
  if (found == oracle_names.end()) return std::nullopt;
  return static_cast<Oracle>(found - oracle_names.begin());
}

// One run.
class ScenarioRun::Execution {
 public:
  Execution(ScenarioRun& scenario, Engine& engine)
      : scenario_(scenario),
        director_(engine),
        machine_(director_.strategy(), *scenario.settings_.machine.dialect),
        history_(scenario.contents_) {
    const RunSettings& settings = scenario.settings_;
    machine_.runtime().set_observer(director_);
    machine_.runtime().set_step_budget(settings.steps_max);
    machine_.kernel().put_in(settings.machine.defects);
    if (settings.machine.prepare) settings.machine.prepare(machine_);
    reader_.emplace(machine_);
    interpreter_.emplace(machine_, interpreter_options(), [](std::string_view) {});
  }

  RunResult run() {
    try {
      interpreter_->run(scenario_.commands_);
      end();
      result_.whole = true;
    } catch (const Abandoned&) {
      // Shows nothing new.
    } catch (const OutOfSteps&) {
      result_.steps_ended = true;
    } catch (const MachineStopped& stopped) {
      const std::string report = stopped.what();
      if (waits_for_ever(report)) {
        result_.waits = result_.whole = true;
      } else {
        fail({.oracle = Oracle::stops, .what = report.substr(0, report.find('\n')), .report = report});
      }
    }
    if (result_.failure) result_.whole = true;
    result_.deviations = director_.deviations();
    result_.steps = director_.steps();
    result_.copies_over_discards = history_.copies_over_discards();
    return std::move(result_);
  }

 private:
  scenario::Interpreter::Options interpreter_options() {
    return {.directory = scenario_.settings_.directory,
            .save_directory = scenario_.settings_.directory,
            .echo = false,
            .at_once = true,
            .witness = &history_,
            .on_command = [this](language::SourcePosition where) { before_command(where); },
            .after_command = [this](const language::Command& command) { after_command(command); }};
  }

  void before_command(language::SourcePosition where) {
    const auto command =
        std::find_if(scenario_.commands_.begin(), scenario_.commands_.end(),
                     [&](const language::Command& each) { return each.where.line == where.line; });
    if (exploring_ || command == scenario_.commands_.end() || !command->background) return;
    note_contents();
    set_exploring(true);
  }

  void after_command(const language::Command& command) {
    if (!exploring_ || command.background || interpreter_->busy()) return;
    come_to_rest();
  }

  void come_to_rest() {
    set_exploring(false);
    judge_contents();
  }

  void set_exploring(bool on) {
    exploring_ = on;
    director_.explore(on);
  }

  void end() {
    if (const std::string left = machine_.check_idle(); !left.empty())
      fail({.oracle = Oracle::in_flight, .what = left});
  }

  void fail(Failure failure) {
    if (!result_.failure) result_.failure = std::move(failure);
  }

  // Whether that was to be expected: nothing can run, and a device is suspended or a disk silent.
  [[nodiscard]] bool waits_for_ever(std::string_view report) {
    if (!report.starts_with("deadlock: no task can run")) return false;
    const auto& names = machine_.dm().devices().names();
    return !machine_.describe_silent_disks().empty() ||
           std::any_of(names.begin(), names.end(),
                       [](const auto& named) { return named.second->md->suspended(); });
  }

  // Of a mapped device at rest; nothing if it cannot be read.
  std::optional<std::vector<std::byte>> read(const std::string& name) {
    auto file = reader_->open(name, false);
    if (!file.ok()) return std::nullopt;
    std::vector<std::byte> bytes(file->size());
    file->close();
    if (!reader_->read(name, 0, bytes).ok()) return std::nullopt;
    return bytes;
  }

  // A mapped device with all that is below it.
  struct Stack {
    std::string name;
    host::Table table;
    std::set<std::string> below;  // names of devices and disks
    std::string liar;             // a target in it that does not keep what is written
  };

  [[nodiscard]] std::string name_of_number(dmcore::DevT number, const std::vector<Stack>& stacks,
                                           const std::vector<dmcore::DevT>& numbers) const {
    for (std::size_t i = 0; i < stacks.size(); ++i) {
      if (numbers[i] == number) return stacks[i].name;
    }
    for (const auto& [name, disk] : machine_.disks()) {
      if (disk->dev() == number) return name;
    }
    return {};
  }

  // All mapped devices at rest.
  std::vector<Stack> stacks() {
    const auto names = reader_->dm().names();
    if (!names.ok()) return {};
    std::vector<Stack> found;
    std::vector<dmcore::DevT> numbers;
    std::vector<std::vector<dmcore::DevT>> below;
    for (const std::string& name : *names) {
      const auto info = reader_->dm().info(name);
      auto table = reader_->dm().table(name);
      auto deps = reader_->dm().deps(name);
      if (!info.ok() || !table.ok() || !deps.ok() || !info->live_table || info->suspended) continue;
      found.push_back({name, *std::move(table), {}, {}});
      numbers.push_back({dmcore::DeviceMapper::major, info->minor});
      below.push_back(*std::move(deps));
      for (const host::Target& target : found.back().table) {
        if (target.type == "zero" || target.type == "flakey") found.back().liar = target.type;
      }
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
      for (const dmcore::DevT number : below[i])
        found[i].below.insert(name_of_number(number, found, numbers));
    }
    // What is below what is below, as often as devices can be stacked.
    for (std::size_t round = 0; round < found.size(); ++round) {
      for (Stack& stack : found) {
        for (const Stack& other : found) {
          if (!stack.below.contains(other.name)) continue;
          stack.below.insert(other.below.begin(), other.below.end());
          if (stack.liar.empty()) stack.liar = other.liar;
        }
      }
    }
    return found;
  }

  // Why its reads are not judged. Empty if they are, or are through a device above it.
  [[nodiscard]] static std::string excuse(const Stack& stack, const std::vector<Stack>& all) {
    if (!stack.liar.empty()) return fmt::format("a {} target may not keep what is written", stack.liar);
    for (const Stack& other : all) {
      if (other.name == stack.name) continue;
      for (const std::string& name : stack.below) {
        const bool through_it = other.below.contains(stack.name) || stack.below.contains(other.name);
        if (!through_it && other.below.contains(name))
          return fmt::format("{} is below {} as well", name, other.name);
      }
    }
    return {};
  }

  void note_contents() {
    stacks_ = stacks();
    for (const Stack& stack : stacks_) {
      const bool is_below = std::any_of(stacks_.begin(), stacks_.end(),
                                        [&](const Stack& other) { return other.below.contains(stack.name); });
      if (is_below) continue;
      const std::string reason =
          scenario_.faults_lie_ ? "a disk has faults that change data" : excuse(stack, stacks_);
      if (!reason.empty()) {
        result_.not_judged.insert(fmt::format("{}: {}", stack.name, reason));
      } else if (const auto bytes = read(stack.name)) {
        history_.begin(stack.name, *bytes, stack.below);
      }
    }
  }

  // Whether the device has the table that it had when the part began: with another one it is another device.
  [[nodiscard]] bool is_the_same(const std::string& name, const std::vector<Stack>& now) const {
    const auto find = [&name](const std::vector<Stack>& all) {
      return std::find_if(all.begin(), all.end(), [&](const Stack& stack) { return stack.name == name; });
    };
    const auto before = find(stacks_);
    const auto after = find(now);
    return before != stacks_.end() && after != now.end() && same_table(before->table, after->table) &&
           before->below == after->below;
  }

  void judge_contents() {
    const std::vector<Stack> now = stacks();
    for (const Stack& stack : now) {
      if (!history_.judges(stack.name) || !is_the_same(stack.name, now)) continue;
      if (const auto bytes = read(stack.name)) history_.rests(stack.name, *bytes);
    }
    if (!history_.wrong() || !is_the_same(history_.wrong()->device, now)) return;
    const History::Wrong& wrong = *history_.wrong();
    std::vector<std::string> allowed;
    for (const explore::ContentId content : wrong.allowed)
      allowed.push_back(describe(scenario_.contents_, content, wrong.sector));
    fail({.oracle = Oracle::reads,
          .device = wrong.device,
          .sector = wrong.sector,
          .what = fmt::format("sector {} of {} holds {}, and must hold {}", wrong.sector, wrong.device,
                              describe(scenario_.contents_, wrong.found, wrong.sector),
                              fmt::join(allowed, " or "))});
  }

  ScenarioRun& scenario_;
  Director director_;
  Machine machine_;
  History history_;
  std::optional<host::Host> reader_;  // of which the history knows nothing
  std::optional<scenario::Interpreter> interpreter_;
  bool exploring_ = false;
  std::vector<Stack> stacks_;  // when the part that is explored began
  RunResult result_;
};

ScenarioRun::ScenarioRun(std::string_view text, const RunSettings& settings) : settings_(settings) {
  language::CommandStream stream(text);
  constexpr std::size_t at_once = 1000;
  for (auto next = stream.next(at_once); !next.empty(); next = stream.next(at_once))
    std::move(next.begin(), next.end(), std::back_inserter(commands_));
  for (const language::Command& command : commands_) {
    if (const auto* disk = std::get_if<language::DiskCommand>(&command.body)) note_faults(disk->faults);
    if (const auto* fault = std::get_if<language::FaultCommand>(&command.body)) note_faults(fault->faults);
    if (std::holds_alternative<language::PokeCommand>(command.body)) faults_lie_ = true;
  }
  language::Command wait;
  wait.name = "wait";
  if (!commands_.empty()) wait.where = commands_.back().where;
  ++wait.where.line;
  wait.body = language::WaitCommand();
  commands_.push_back(std::move(wait));
}

void ScenarioRun::note_faults(const std::vector<Fault>& faults) {
  for (const Fault& fault : faults) {
    faults_lie_ = faults_lie_ || expectation_of(fault).wrong_data;
  }
}

std::string ScenarioRun::complaint() const {
  for (const language::Command& command : commands_) {
    const auto* disk = std::get_if<language::DiskCommand>(&command.body);
    std::string_view reason;
    if (disk != nullptr && disk->file) {
      reason = "a disk in a file keeps what a run leaves, and each run has to begin with the same";
    } else if (std::holds_alternative<language::SaveCommand>(command.body)) {
      reason = "each run would write the file";
    } else if (std::holds_alternative<language::CrashCommand>(command.body)) {
      reason = "schedules are not crossed with power cuts";
    }
    if (!reason.empty()) return fmt::format("{}: {}: {}", command.where.line, command.name, reason);
  }
  const bool chooses = std::any_of(commands_.begin(), commands_.end(),
                                   [](const language::Command& command) { return command.background; });
  if (chooses) return {};
  return fmt::format(
      "{}: no command runs in the background (`&`): there is nothing that could come in another order",
      commands_.back().where.line - 1);
}

RunResult ScenarioRun::run(Engine& engine) {
  return Execution(*this, engine).run();
}

}  // namespace sim::schedules
