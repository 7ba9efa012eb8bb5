// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/scenario_run.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <functional>
#include <iterator>
#include <new>
#include <set>
#include <span>
#include <utility>

#include "sim/explore/devices.h"
#include "sim/explore/run_recorder.h"
#include "sim/host/host.h"
#include "sim/language/parser.h"
#include "sim/language/pattern.h"
#include "sim/language/source.h"
#include "sim/machine/machine.h"
#include "sim/scenario/interpreter.h"
#include "sim/schedules/director.h"
#include "sim/schedules/history.h"

namespace sim::schedules {

namespace {

constexpr std::array<std::string_view, oracle_count> oracle_names = {"stops", "reads", "in_flight", "cut"};

std::string describe(const explore::Contents& contents, explore::ContentId id, std::uint32_t sector) {
  explore::Contents::Sector bytes;
  contents.copy(id, bytes);
  return language::sector_name(bytes, sector);
}

// Whether it is that command of dmsetup, or one that begins so.
bool is_dmsetup(const language::Command& command, std::string_view name) {
  const auto* dmsetup = std::get_if<language::DmsetupCommand>(&command.body);
  if (dmsetup == nullptr) return false;
  const auto word = std::find_if(dmsetup->arguments.begin(), dmsetup->arguments.end(),
                                 [](const std::string& argument) { return !argument.starts_with('-'); });
  return word != dmsetup->arguments.end() && word->starts_with(name);
}

using Part = std::span<const language::Command>;

// The commands that run at once from the first one on.
Part part_of(Part commands) {
  const auto alone = std::find_if(commands.begin(), commands.end(),
                                  [](const language::Command& command) { return !command.background; });
  return {commands.begin(), alone == commands.end() ? alone : std::next(alone)};
}

// Whether a table may be built although another one has yet to commit what it has done (docs/findings.md).
// None may where one program alone suspends, loads and resumes, or removes before it creates.
bool tables_overlap(Part part) {
  const auto is_load = [](const language::Command& command) {
    return is_dmsetup(command, "load") || is_dmsetup(command, "reload");
  };
  std::size_t program = 0;
  std::set<std::size_t> loading;
  std::set<std::size_t> creating;
  std::set<std::size_t> removing;
  std::set<std::size_t> changing;
  for (const language::Command& command : part) {
    if (!command.then) ++program;
    if (is_load(command)) loading.insert(program);
    if (is_dmsetup(command, "create")) creating.insert(program);
    if (is_dmsetup(command, "remove")) removing.insert(program);
    if (is_load(command) || is_dmsetup(command, "suspend") || is_dmsetup(command, "resume"))
      changing.insert(program);
  }
  changing.insert(creating.begin(), creating.end());
  changing.insert(removing.begin(), removing.end());

  if (!creating.empty() && !removing.empty() && (creating.size() > 1 || creating != removing)) return true;
  if (loading.empty()) return false;
  if (changing.size() > 1) return true;
  const auto load = std::find_if(part.begin(), part.end(), is_load);
  return load == part.begin() || std::next(load) == part.end() || !load->then || !std::next(load)->then ||
         !is_dmsetup(*std::prev(load), "suspend") || !is_dmsetup(*std::next(load), "resume") ||
         std::any_of(std::next(load), part.end(), is_load);
}

// Null if it uses none as a program does.
const std::string* device_of(const language::Command& command) {
  const auto device = [](const auto& body) -> const std::string* {
    if constexpr (requires { body.device; }) return &body.device;
    return nullptr;
  };
  return std::visit(device, command.body);
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

// Passes everything on, and notes it in a trace.
class ScenarioRun::TracedWitness final : public host::IoWitness {
 public:
  // None is owned. The trace may be null.
  TracedWitness(host::IoWitness& witness, const bool& exploring, Trace* trace)
      : witness_(witness), exploring_(exploring), trace_(trace) {}
  // Another one that sees everything.
  void also_tell(host::IoWitness& other) { other_ = &other; }

  std::uint64_t begins(const Request& request) override {
    const std::uint64_t id = witness_.begins(request);
    if (other_ != nullptr) others_[id] = other_->begins(request);
    if (trace_ == nullptr) return id;
    first_sectors_[id] = request.sector;
    if (!exploring_) return id;
    const rewind::Outside outside;
    trace_->io(Trace::Event::What::begins_io, text_of(request));
    return id;
  }
  void ended(std::uint64_t id, bool ok, std::span<const std::byte> read) override {
    witness_.ended(id, ok, read);
    if (other_ != nullptr) other_->ended(others_.extract(id).mapped(), ok, read);
    if (trace_ == nullptr) return;
    const dmcore::sector_t first = first_sectors_.extract(id).mapped();
    if (!exploring_) return;
    const rewind::Outside outside;
    std::string text = ok ? "ends" : "fails";
    if (ok && !read.empty()) text += fmt::format(", has read {}", contents_of(read, first));
    trace_->io(Trace::Event::What::ends_io, std::move(text));
  }

 private:
  static std::string text_of(const Request& request) {
    constexpr std::array<std::string_view, 4> names = {"write", "discard", "flush", "read"};
    std::string text(names[static_cast<std::size_t>(request.kind)]);
    if (request.durable) text += " (FUA)";
    if (request.kind == Kind::flush) return fmt::format("{} of {}", text, request.device);
    if (request.count == 1) return fmt::format("{} of {}, sector {}", text, request.device, request.sector);
    return fmt::format("{} of {}, sectors {}-{}", text, request.device, request.sector,
                       request.sector + request.count - 1);
  }
  // The first few that differ.
  static std::string contents_of(std::span<const std::byte> read, dmcore::sector_t first) {
    constexpr std::size_t names_max = 4;
    std::vector<std::string> names;
    for (std::size_t at = 0; at + dmcore::sector_size <= read.size(); at += dmcore::sector_size) {
      std::string name =
          language::sector_name(read.subspan(at, dmcore::sector_size), first + at / dmcore::sector_size);
      if (!names.empty() && names.back() == name) continue;
      if (names.size() == names_max) return fmt::format("{}, ...", fmt::join(names, ", "));
      names.push_back(std::move(name));
    }
    return fmt::format("{}", fmt::join(names, ", "));
  }

  host::IoWitness& witness_;
  const bool& exploring_;
  Trace* trace_;
  host::IoWitness* other_ = nullptr;                         // may be null
  std::map<std::uint64_t, std::uint64_t> others_;            // what it calls those that are under way
  std::map<std::uint64_t, dmcore::sector_t> first_sectors_;  // of these
};

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
    if (trace != nullptr) {
      const rewind::Outside outside;
      trace->begin(machine_.runtime(), [this](const void* object) { return owner_of(object); });
    }
    machine_.runtime().set_step_budget(settings.steps_max);
    machine_.kernel().put_in(settings.machine.defects);
    machine_.kernel().put_in(settings.machine.fixes);
    if (settings.machine.prepare) settings.machine.prepare(machine_);
    if (scenario.cuts_power()) record();
    reader_.emplace(machine_);
    interpreter_.emplace(machine_, interpreter_options(), [](std::string_view) {});
  }

  const RunResult& run() {
    try {
      interpreter_->run(scenario_.commands_);
      if (const std::string left = machine_.check_idle(); !left.empty())
        fail({.oracle = Oracle::in_flight, .what = left});
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
    if (recorder_ && may_be_cut()) {
      recorder_->end();
      scenario_.to_be_cut_ = &recorder_->run();
    }
    return result_;
  }

 private:
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

  // Not what has failed already, what other runs begin with, or what loses data without a power cut.
  [[nodiscard]] bool may_be_cut() const {
    return !result_.failure &&
           (result_.end == RunResult::End::whole || result_.end == RunResult::End::waits) &&
           !tables_overlap_ && !scenario_.faults_lie_ && recorder_->complaints().empty();
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
    tables_overlap_ =
        tables_overlap_ || (!scenario_.settings_.machine.finds_known_bugs && tables_overlap(part));
    note_contents();
    hold_devices(part);
    if (rewinder_ != nullptr) rewinder_->mark();
    if (recorder_ && scenario_.set_up_was_cut_ && !was_exploring_) recorder_->begin_cuts();
    was_exploring_ = true;
    set_exploring(true);
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
    judge_contents();
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
    fail({.oracle = Oracle::stops, .what = report.substr(0, report.find('\n')), .report = report});
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

  // Whether it can be read: nothing that is below it is suspended.
  bool is_awake(const explore::Devices& devices, const explore::Device& device) {
    const std::set<dmcore::DevT> below = all_below(devices, device);
    return std::none_of(devices.begin(), devices.end(), [&](const explore::Device& other) {
      if (other.name != device.name && !below.contains(other.number())) return false;
      const auto info = reader_->dm().info(other.name);
      return !info.ok() || info->suspended;
    });
  }

  // Why its reads are not judged; empty if they are.
  [[nodiscard]] std::string excuse(const explore::Devices& devices, const explore::Device& device) const {
    if (scenario_.faults_lie_) return "a disk has faults that change data";
    if (tables_overlap_) return "a table may be built while another one serves I/O, which loses writes";
    const std::string_view liar = target_that_loses(devices, device);
    if (!liar.empty()) return fmt::format("it is on a target that may lose what is written, {}", liar);
    const std::set<dmcore::DevT> below = all_below(devices, device);
    for (const explore::Device& other : devices) {
      if (other.used || other.name == device.name) continue;
      for (const dmcore::DevT shared : all_below(devices, other)) {
        if (below.contains(shared))
          return fmt::format("{} is below {} as well", name_of_number(devices, shared), other.name);
      }
    }
    return {};
  }

  [[nodiscard]] std::string name_of_number(const explore::Devices& devices, dmcore::DevT number) const {
    for (const explore::Device& device : devices) {
      if (device.number() == number) return device.name;
    }
    for (const auto& [name, disk] : machine_.disks()) {
      if (disk->dev() == number) return name;
    }
    return to_string(number);
  }

  // What is below another device can be written from above; so only the topmost are judged.
  void note_contents() {
    explore::Devices devices = explore::mapped_devices(*reader_);
    for (const explore::Device& device : devices_) {
      if (!is_the_same(devices, device.name)) history_.forget(device.name);
    }
    devices_ = std::move(devices);
    for (const explore::Device& device : devices_) {
      if (device.used) continue;
      const std::string reason = excuse(devices_, device);
      if (!reason.empty()) {
        result_.not_judged.insert(fmt::format("{}: {}", device.name, reason));
        history_.forget(device.name);
        continue;
      }
      if (!is_awake(devices_, device)) continue;
      if (const auto bytes = read(device.name)) {
        std::set<std::string> below;
        for (const dmcore::DevT number : all_below(devices_, device))
          below.insert(name_of_number(devices_, number));
        history_.begin(device.name, *bytes, std::move(below));
      }
    }
  }

  // Whether it has the table that it had when the part began: with another one it is another device. One that
  // was removed and created anew is to hold what it held, whatever number it has now.
  [[nodiscard]] bool is_the_same(const explore::Devices& now, const std::string& name) const {
    const auto find = [&name](const explore::Devices& devices) {
      return std::find_if(devices.begin(), devices.end(),
                          [&](const explore::Device& device) { return device.name == name; });
    };
    const auto before = find(devices_);
    const auto after = find(now);
    return before != devices_.end() && after != now.end() && before->has_table_of(*after);
  }

  void judge_contents() {
    const explore::Devices now = explore::mapped_devices(*reader_);
    for (const explore::Device& device : now) {
      if (!history_.judges(device.name) || !is_the_same(now, device.name) || !is_awake(now, device)) continue;
      if (const auto bytes = read(device.name)) history_.rests(device.name, *bytes);
    }
    if (!history_.wrong() || !is_the_same(now, history_.wrong()->device)) return;
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
  rewind::Rewinder* rewinder_;
  Trace* trace_;
  std::optional<explore::RunRecorder> recorder_;  // if power cuts are looked at; its disks tell it
  Director director_;
  Machine machine_;
  History history_;
  bool exploring_ = false;
  bool was_exploring_ = false;
  TracedWitness witness_;
  std::optional<host::Host> reader_;  // of which the history knows nothing
  std::optional<scenario::Interpreter> interpreter_;
  bool tables_overlap_ = false;  // in the part that is explored, or in one before it
  explore::Devices devices_;     // when the part that is explored began
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
    const auto once = trace == nullptr ? nullptr : make_rewinder(trace);
    rewind::Rewinder* const rewinder = trace == nullptr ? begun(engine.wants()).rewinder.get() : once.get();
    if (rewinder != nullptr) {
      rewinder->run();
      return whole(std::move(rewound_));
    }
  }
  Execution execution(*this, nullptr, trace);
  return whole(execution.run());
}

// With what its power cuts show. The run's memory is there still.
RunResult ScenarioRun::whole(RunResult result) {
  if (to_be_cut_ != nullptr) look_at_cuts(*std::exchange(to_be_cut_, nullptr), result);
  return result;
}

void ScenarioRun::look_at_cuts(const explore::Run& run, RunResult& result) {
  if (!crash_explorer_) {
    crash_explorer_.emplace(contents_, settings_.machine, settings_.crash.value_or(explore::CrashSettings()));
  }
  explore::CutToken token;
  if (settings_.cuts) {
    token = *settings_.cuts;
  } else {
    const explore::CrashReport report = crash_explorer_->explore(run);
    cut_counts_.add(report);
    set_up_was_cut_ = true;
    if (!report.violation) return;
    token.cuts = report.violation->cuts;
    token.oracle = report.violation->oracle;
    token.device = report.violation->device;
    token.sector = report.violation->sector;
    token.tear = settings_.crash->tear;
  }
  const explore::Retraced retraced = crash_explorer_->retrace(run, token);
  result.complaint = retraced.complaint;
  if (!retraced.violation) return;
  // What happens, and in the last line what is wrong.
  std::string_view report = retraced.text;
  report.remove_suffix(1);
  const std::size_t what = report.rfind('\n') + 1;
  result.failure = Failure{.oracle = Oracle::cut,
                           .device = token.device,
                           .sector = token.sector,
                           .what = std::string(report.substr(what)),
                           .report = std::string(report.substr(0, what == 0 ? 0 : what - 1)),
                           .cuts = token};
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
