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

  // Those that no other device uses: what is below can be written from above.
  std::vector<std::string> top_devices() {
    const auto names = reader_->dm().names();
    if (!names.ok()) return {};
    std::set<dmcore::DevT> below;
    std::vector<std::pair<std::string, dmcore::DevT>> found;
    for (const std::string& name : *names) {
      const auto info = reader_->dm().info(name);
      const auto deps = reader_->dm().deps(name);
      if (!info.ok() || !deps.ok() || !info->live_table || info->suspended) continue;
      below.insert(deps->begin(), deps->end());
      found.emplace_back(name, dmcore::DevT{dmcore::DeviceMapper::major, info->minor});
    }
    std::vector<std::string> tops;
    for (const auto& [name, number] : found) {
      if (!below.contains(number)) tops.push_back(name);
    }
    return tops;
  }

  void note_contents() {
    for (const std::string& name : top_devices()) {
      if (const auto bytes = read(name)) history_.begin(name, *bytes);
    }
  }

  void judge_contents() {
    for (const std::string& name : top_devices()) {
      if (!history_.judges(name)) continue;
      if (const auto bytes = read(name)) history_.rests(name, *bytes);
    }
    if (!history_.wrong()) return;
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
  RunResult result_;
};

ScenarioRun::ScenarioRun(std::string_view text, const RunSettings& settings) : settings_(settings) {
  language::CommandStream stream(text);
  constexpr std::size_t at_once = 1000;
  for (auto next = stream.next(at_once); !next.empty(); next = stream.next(at_once))
    std::move(next.begin(), next.end(), std::back_inserter(commands_));
  language::Command wait;
  wait.name = "wait";
  if (!commands_.empty()) wait.where = commands_.back().where;
  ++wait.where.line;
  wait.body = language::WaitCommand();
  commands_.push_back(std::move(wait));
}

bool ScenarioRun::has_choices() const {
  return std::any_of(commands_.begin(), commands_.end(),
                     [](const language::Command& command) { return command.background; });
}

RunResult ScenarioRun::run(Engine& engine) {
  return Execution(*this, engine).run();
}

}  // namespace sim::schedules
