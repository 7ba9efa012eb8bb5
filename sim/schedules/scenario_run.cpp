// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/scenario_run.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <iterator>
#include <new>
#include <string_view>
#include <utility>

#include "sim/explore/run_recorder.h"
#include "sim/language/parser.h"
#include "sim/language/source.h"
#include "sim/machine/machine.h"
#include "sim/scenario/interpreter.h"
#include "sim/schedules/devices_at_rest.h"
#include "sim/schedules/director.h"
#include "sim/schedules/history.h"
#include "sim/schedules/part.h"
#include "sim/schedules/traced_witness.h"

namespace sim::schedules {

// One run.
class ScenarioRun::Execution {
 public:
  // `rewinder`: of this run; null if it cannot be rewound.
  Execution(ScenarioRun& scenario, rewind::Rewinder* rewinder, Trace* trace)
      : scenario_(scenario),
        rewinder_(rewinder),
        trace_(trace),
        director_(
            scenario.engine_, [this] { abandon(); }, trace),
        machine_(director_.strategy(), *scenario.settings_.machine.dialect),
        history_(scenario.contents_, !scenario.settings_.machine.excepts(dmcore::Fix::discard_under_copy)),
        witness_(history_, exploring_, trace) {
    const RunSettings& settings = scenario.settings_;
    machine_.runtime().set_observer(director_);
    if (rewinder != nullptr && trace == nullptr)
      director_.before_choices([this](std::size_t number) {
        if (scenario_.sets_mark_before(number)) rewinder_->mark();
      });
    if (trace != nullptr) {
      const rewind::Outside outside;
      trace->begin(machine_.runtime(), [this](const void* object) { return owner_of(object); });
    }
    machine_.runtime().set_step_budget(settings.steps_max);
    machine_.kernel().put_in(settings.machine.defects);
    machine_.kernel().put_in(settings.machine.fixes);
    if (settings.machine.prepare) settings.machine.prepare(machine_);
    if (scenario.cuts_power()) record();
    at_rest_.emplace(machine_, scenario.contents_, history_);
    interpreter_.emplace(machine_, interpreter_options(), [](std::string_view) {});
  }

  const RunResult& run() {
    try {
      interpreter_->run(scenario_.commands_);
      look_for_lost_bios();
    } catch (const Abandoned&) {
      result_.end = RunResult::End::abandoned;
    } catch (const OutOfSteps&) {
      result_.end = RunResult::End::cut_off;
    } catch (const MachineStopped& stopped) {
      note_stop(stopped.what());
    } catch (const std::bad_alloc&) {
      fail({.oracle = Oracle::stops, .what = "out of memory"});
    }
    if (trace_ != nullptr) {
      const rewind::Outside outside;
      trace_->end();
    }
    note_counts();
    if (recorder_) end_record();
    return result_;
  }

 private:
  // What a clone copies or commits by itself may still be under way, on disks that take their time. It is not
  // known to be lost while a disk is at work.
  void look_for_lost_bios() {
    const auto idle = [this] { return machine_.check_idle().empty(); };
    if (idle() || interpreter_->wait_until(idle)) return;
    const auto works = [](const auto& disk) { return disk.second->in_flight() != 0; };
    if (std::any_of(machine_.disks().begin(), machine_.disks().end(), works)) return;
    fail({.oracle = Oracle::in_flight, .what = machine_.check_idle()});
  }

  void note_counts() {
    if (result_.failure || scenario_.settings_.keeps_schedule || scenario_.cuts_power())
      result_.deviations = director_.deviations();
    result_.steps = director_.steps();
    result_.copies_over_discards = history_.copies_over_discards();
  }

  void record() {
    recorder_.emplace(scenario_.contents_, scenario_.settings_.metadata);
    recorder_->attach(machine_);
    director_.also_tell(recorder_->run().causality);
    witness_.also_tell(recorder_->run().trace);
  }

  // Not if something is wrong already, or the run has no end.
  void end_record() {
    if (result_.failure || stopped_as_known_ || result_.end == RunResult::End::abandoned ||
        result_.end == RunResult::End::cut_off)
      return;
    if (!recorder_->complaints().empty()) {
      const explore::RunRecorder::Complaint& complaint = recorder_->complaints().front();
      result_.complaint = fmt::format("{}: {}", complaint.line, complaint.what);
      return;
    }
    result_.not_cut = excuse();
    if (!result_.not_cut.empty()) return;
    recorder_->end();
    scenario_.to_be_cut_ = &recorder_->run();
  }

  // Why nothing is judged; empty if something is.
  [[nodiscard]] std::string_view excuse() const {
    if (scenario_.faults_lie_) return "a disk has faults that change data";
    if (loses_writes_) return "a table may be built while another one serves I/O, which loses writes";
    return {};
  }

  // Without unwinding all stacks, if it will be rewound anyway.
  void abandon() {
    if (rewinder_ == nullptr) return;
    result_.end = RunResult::End::abandoned;
    note_counts();
    scenario_.keep(result_);
    rewinder_->leave();
  }

  scenario::Interpreter::Options interpreter_options() {
    return {.directory = scenario_.settings_.directory,
            .save_directory = scenario_.settings_.directory,
            .echo = false,
            .at_once = true,
            .witness = &witness_,
            .on_command = [this](language::SourcePosition where) { before_command(where); },
            .after_command = [this](const language::Command& command) { after_command(command); }};
  }

  void before_command(language::SourcePosition where) {
    if (recorder_ && !exploring_) recorder_->begin_command(where.line);
    const auto command =
        std::find_if(scenario_.commands_.begin(), scenario_.commands_.end(),
                     [&](const language::Command& each) { return each.where.line == where.line; });
    if (exploring_ || command == scenario_.commands_.end() || !command->background) return;
    const Part part = part_of({command, scenario_.commands_.end()});
    // What is lost in one part may be missed in a later one.
    loses_writes_ = loses_writes_ || may_lose_writes(part);
    result_.not_judged.merge(at_rest_->begin_part(excuse()));
    hold_devices(part);
    if (rewinder_ != nullptr && rewinder_->marks() == 0) rewinder_->mark();
    if (recorder_) recorder_->begin_own();
    set_exploring(true);
  }

  // By a known bug of Linux.
  [[nodiscard]] bool may_lose_writes(Part part) const {
    const explore::MachineKind& machine = scenario_.settings_.machine;
    if (machine.excepts(dmcore::Fix::reread_metadata) && loads_early(part)) return true;
    return !machine.finds_known_bugs && creates_under_removal(part);
  }

  void after_command(const language::Command& command) {
    if (!exploring_) {
      if (recorder_) recorder_->end_command(command);
      return;
    }
    if (command.background || interpreter_->busy()) return;
    come_to_rest();
  }

  // Programs that use a device have it open already when the part begins; only if one is removed in it they
  // do not, for that would fail.
  void hold_devices(Part part) {
    const auto removes = [](const language::Command& command) { return is_dmsetup(command, "remove"); };
    if (std::any_of(part.begin(), part.end(), removes)) return;
    for (const language::Command& command : part) {
      if (const std::string* device = device_of(command)) interpreter_->hold(*device);
    }
  }

  void come_to_rest() {
    set_exploring(false);
    interpreter_->let_go();
    if (recorder_) recorder_->note_devices();
    if (auto failure = at_rest_->end_part()) fail(*std::move(failure));
  }

  void set_exploring(bool on) {
    exploring_ = on;
    director_.explore(on);
  }

  // The disk or the mapped device that it is a part of; empty if it is none.
  [[nodiscard]] std::string owner_of(const void* object) {
    const auto holds = [object](const auto& owner) {
      const auto* first = reinterpret_cast<const std::byte*>(&owner);  // NOLINT: where it lies, nothing else
      const auto* place = static_cast<const std::byte*>(object);
      return !std::less<>()(place, first) && std::less<>()(place, first + sizeof(owner));
    };
    for (const auto& [name, disk] : machine_.disks()) {
      if (holds(*disk) || object == &disk->store()) return name;
    }
    for (const auto& [name, cell] : machine_.dm().devices().names()) {
      if (holds(*cell->md)) return name;
    }
    return {};
  }

  void note_stop(const std::string& report) {
    if (waits_for_ever(report)) {
      result_.end = RunResult::End::waits;
      return;
    }
    if (scenario_.settings_.machine.excepts(dmcore::Fix::kcopyd_wake) && is_late_wake(report)) {
      stopped_as_known_ = true;
      result_.not_judged.insert("kcopyd: woken after it was destroyed, a known bug");
      return;
    }
    fail({.oracle = Oracle::stops, .what = report.substr(0, report.find('\n')), .report = report});
  }

  // docs/findings.md: kcopyd may be woken after it is gone.
  [[nodiscard]] static bool is_late_wake(std::string_view report) {
    return report.starts_with("work item 'kcopyd' is queued on 'kcopyd' after the queue was destroyed") ||
           report.starts_with("work item 'kcopyd' of queue 'kcopyd' is destroyed while it waits to run");
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

  ScenarioRun& scenario_;
  rewind::Rewinder* rewinder_;
  Trace* trace_;
  std::optional<explore::RunRecorder> recorder_;  // if power cuts are looked at; its disks tell it
  Director director_;
  Machine machine_;
  History history_;
  bool exploring_ = false;
  TracedWitness witness_;
  std::optional<DevicesAtRest> at_rest_;
  std::optional<scenario::Interpreter> interpreter_;
  bool stopped_as_known_ = false;
  bool loses_writes_ = false;  // the part that is explored, or one before it, by a known bug
  RunResult result_;
};

ScenarioRun::~ScenarioRun() = default;

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
      reason = "no power cut is chosen under all schedules: with `--crash` they are cut everywhere";
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

// Not if some of what it uses keeps memory for later, wherever it comes from; nor if it makes so many tasks
// that an image of their stacks would be large.
bool ScenarioRun::can_rewind() const {
  constexpr std::size_t commands_max = 500;
  return settings_.rewinds && commands_.size() <= commands_max &&
         std::none_of(commands_.begin(), commands_.end(), [](const language::Command& command) {
           return std::holds_alternative<language::TablesCommand>(command.body);
         });
}

ScenarioRun::Begun& ScenarioRun::begun(const Wants& wants) {
  const auto known = std::find_if(begun_.begin(), begun_.end(),
                                  [&wants](const Begun& begun) { return begun.wants == wants; });
  return known != begun_.end() ? *known : begun_.emplace_back(Begun{wants, make_rewinder(nullptr)});
}

// Nothing if there is no memory for it, as below.
std::optional<RunResult> ScenarioRun::run_again(Engine& engine) {
  running_ = &begun(engine.wants());
  if (running_->rewinder == nullptr) return std::nullopt;
  running_->rewinder->run(mark_for(engine));
  return whole(std::move(rewound_));
}

std::optional<RunResult> ScenarioRun::run_once(const Engine& engine, Trace* trace) {
  // The run before its next one is this one, of which there will be no mark.
  for (Begun& begun : begun_) {
    if (begun.engine == &engine) begun.engine = nullptr;
  }
  const auto rewinder = make_rewinder(trace);
  if (rewinder == nullptr) return std::nullopt;
  rewinder->run();
  return whole(std::move(rewound_));
}

// The latest mark from which the run that the engine has begun can be continued; 0 if that is the first one.
std::size_t ScenarioRun::mark_for(Engine& engine) {
  std::vector<std::size_t>& marks = running_->marks;
  const bool ran_before = std::exchange(running_->engine, &engine) == &engine;
  same_choices_ = ran_before ? engine.same_choices() : 0;
  while (!marks.empty() && marks.back() > same_choices_) marks.pop_back();
  if (!marks.empty()) engine.continues_at(marks.back());
  return marks.size();
}

// Within a run that is rewound. Only for engines whose next runs may begin as this one, and not at each
// choice: a mark has its price.
bool ScenarioRun::sets_mark_before(std::size_t choice) {
  constexpr std::size_t marks_max = 16;
  constexpr std::size_t bytes_of_step = std::size_t{8} * 1024;  // copied in the time of a step
  if (same_choices_ == 0) return false;
  const rewind::Outside outside;
  std::vector<std::size_t>& marks = running_->marks;
  const std::size_t apart =
      std::max(running_->rewinder->bytes_of_mark() / bytes_of_step, same_choices_ / marks_max);
  if (marks.size() == marks_max || choice < (marks.empty() ? 0 : marks.back()) + apart) return false;
  marks.push_back(choice);
  return true;
}

std::unique_ptr<rewind::Rewinder> ScenarioRun::make_rewinder(Trace* trace) {
  return rewind::Rewinder::create([this, trace](rewind::Rewinder& rewinder) {
    Execution execution(*this, &rewinder, trace);
    keep(execution.run());
    rewinder.leave();
  });
}

void ScenarioRun::keep(const RunResult& result) {
  const rewind::Outside outside;
  rewound_ = result;
}

// Also a run with a trace, which is not rewound, has memory of its own: if what is wrong is that something is
// used after it was freed, it goes wrong in the same way again.
RunResult ScenarioRun::run(Engine& engine, Trace* trace) {
  engine_ = &engine;
  to_be_cut_ = nullptr;
  if (can_rewind()) {
    if (auto result = trace == nullptr ? run_again(engine) : run_once(engine, trace))
      return *std::move(result);
  }
  Execution execution(*this, nullptr, trace);
  return whole(execution.run());
}

// With what its power cuts show. The run's memory is there still.
RunResult ScenarioRun::whole(RunResult result) {
  if (to_be_cut_ != nullptr) look_at_cuts(*std::exchange(to_be_cut_, nullptr), result);
  if (!result.not_cut.empty()) {
    cut_counts_.complete = false;
    cut_counts_.not_judged.insert(result.not_cut);
  }
  return result;
}

void ScenarioRun::look_at_cuts(const explore::Run& run, RunResult& result) {
  if (!crash_explorer_)
    crash_explorer_.emplace(contents_, settings_.machine, settings_.crash.value_or(explore::CrashSettings()));
  std::optional<explore::CutToken> cuts = settings_.cuts;
  if (!cuts) {
    const explore::CrashReport report = crash_explorer_->explore(run);
    cut_counts_.add(report);
    if (!report.violation) return;
    cuts = token_of(*report.violation);
    cuts->tear = settings_.crash->tear;
  }
  explore::Retraced retraced = crash_explorer_->retrace(run, *cuts);
  result.complaint = retraced.complaint;
  if (!retraced.violation) return;
  retraced.text.pop_back();  // the end of the last line
  result.failure = Failure{.oracle = Oracle::cut,
                           .device = cuts->device,
                           .sector = cuts->sector,
                           .what = std::move(retraced.wrong),
                           .report = std::move(retraced.text),
                           .cuts = cuts};
}

void CutCounts::add(const explore::CrashReport& report) {
  cuts += report.cuts;
  distinct += report.distinct;
  starts = std::max(starts, report.recoveries);
  complete = complete && report.complete && report.orders_complete;
  not_judged.insert(report.not_judged.begin(), report.not_judged.end());
}

std::map<int, std::string> ScenarioRun::programs() const {
  std::map<int, std::string> programs;
  for (const language::Command& command : commands_) {
    std::string_view echo = command.echo;
    std::string_view text = language::take_line(echo);
    if (text.starts_with("> ")) text.remove_prefix(2);
    constexpr std::string_view background = " '&'";
    if (text.ends_with(background)) text.remove_suffix(background.size());
    programs.emplace(command.where.line, text.empty() ? command.name : text);
  }
  return programs;
}

}  // namespace sim::schedules
