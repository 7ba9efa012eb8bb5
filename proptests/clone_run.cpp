// SPDX-License-Identifier: GPL-2.0-or-later
#include "proptests/clone_run.h"

#include <fmt/format.h>
#include <list>

#include "sim/host/sha256.h"
#include "sim/language/pattern.h"
#include "sim/libdm/table_text.h"

#include "proptests/clone_model.h"
#include "tests/rig/machine.h"
#include "tests/rig/scenario.h"

namespace proptests {

namespace {

using dmcore::Status;
using sim::host::CloneStatus;
using sim::language::Pattern;

const std::string& device = clone_name;

// An action did not do what it has to; what() is the complaint.
class Complaint : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Run {
 public:
  Run(const Plan& plan, test::Machine& machine)
      : host_(machine.host()), model_({device_sectors(plan), region_sectors(plan)}, "@S", "@D") {}

  void perform(const Action& action) {
    begin(action);
    if (in_background(action)) {
      start(action);
    } else {
      Outcome outcome;
      std::visit([&](const auto& one) { act(one, outcome); }, action);
      host_.settle();
      judge(action, outcome);
      print(outcome);
    }
    for (const std::string& line : host_.take_log()) {
      if (line.find("alignment") == std::string::npos) complain(action, "logs: " + line);
      transcript_.push_back("log: " + line);
    }
  }

  [[nodiscard]] const std::vector<std::string>& transcript() const { return transcript_; }

 private:
  // What came of an action, to be held against the model when it has ended.
  struct Outcome {
    Status status;
    std::vector<Value> values;       // of a read, one for each sector
    std::vector<std::string> lines;  // that a scenario prints
  };
  struct Job {
    Action action;
    Outcome outcome;
    std::optional<sim::host::Process> process;
  };

  [[noreturn]] static void complain(const Action& action, const std::string& what) {
    throw Complaint(fmt::format("'{}' {}", text_of(action), what));
  }

  void print(const Outcome& outcome) {
    transcript_.insert(transcript_.end(), outcome.lines.begin(), outcome.lines.end());
  }

  // What the model has to know before an action begins.
  void begin(const Action& action) {
    if (const auto* create = std::get_if<Create>(&action)) hydrate(create->hydrates, true);
    if (std::holds_alternative<Remove>(action) || std::holds_alternative<Suspend>(action))
      model_.copies_ended();
    if (const auto* resume = std::get_if<Resume>(&action); resume != nullptr && resume->hydrates)
      hydrate(*resume->hydrates, false);
    if (const auto* message = std::get_if<Message>(&action)) {
      if (message->words == "enable_hydration") hydrate(true, false);
      if (message->words == "disable_hydration") hydrate(false, false);
    }
    if (const auto* write = std::get_if<Write>(&action))
      model_.write(write->first, write->count, Value(1, write->letter), write->background);
    if (const auto* discard = std::get_if<Discard>(&action))
      model_.discard(discard->first, discard->count, discard->background);
  }

  void hydrate(bool on, bool no_copies_yet) {
    model_.hydrate(on);
    if (no_copies_yet) model_.copies_ended();
  }

  // As '&' in a scenario does: the next command runs a tenth of a second later.
  void start(const Action& action) {
    Job& job = jobs_.emplace_back(Job{action, {}, {}});
    job.process = host_.start("background", [this, &job] {
      std::visit([&](const auto& one) { act(one, job.outcome); }, job.action);
    });
    host_.sleep_for(std::chrono::milliseconds(100));
  }

  void judge(const Action& action, const Outcome& outcome) const {
    if (!outcome.status.ok()) complain(action, fmt::format("fails: {}", errno_name(outcome.status.error())));
    const auto* read = std::get_if<Read>(&action);
    if (read == nullptr) return;
    for (sector_t i = 0; i < read->count; ++i) {
      const sector_t sector = read->first + i;
      if (model_.allows(sector, outcome.values.at(i), read->background)) continue;
      complain(action, fmt::format("returns {} for sector {}, which can only be {}", outcome.values[i],
                                   sector, model_.allowed(sector, read->background)));
    }
  }

  void act(const AddDisk& add, Outcome& outcome) {
    outcome.status =
        host_
            .add_disk({.name = add.name, .size_bytes = dmcore::to_bytes(add.sectors), .options = add.options})
            .status();
  }
  void act(const SetFaults& set, Outcome& outcome) {
    outcome.status = host_.set_faults(set.disk, set.faults);
  }
  void act(const Fill& fill, Outcome& outcome) {
    outcome.status = write(fill.disk, 0, fill.sectors,
                           {.kind = Pattern::Kind::stamp, .byte = 0, .letter = {fill.letter}}, false);
  }
  void act(const Write& one, Outcome& outcome) {
    const Pattern fill = {.kind = Pattern::Kind::fill, .byte = one.letter, .letter = {}};
    const Pattern stamps = {.kind = Pattern::Kind::stamp, .byte = 0, .letter = {one.letter}};
    outcome.status = write(one.device, one.first, one.count, one.stamps ? stamps : fill, one.fua);
  }
  Status write(const std::string& to, sector_t first, sector_t count, const Pattern& pattern, bool dsync) {
    const auto fill = [&pattern](sector_t sector, std::span<std::byte> piece) {
      sim::language::fill_pattern(pattern, sector, piece);
    };
    return host_.write(to, static_cast<std::int64_t>(first), static_cast<std::int64_t>(count), fill, dsync);
  }
  void act(const Read& read, Outcome& outcome) {
    std::vector<std::byte> data(dmcore::to_bytes(read.count));
    outcome.status = host_.read(read.device, static_cast<std::int64_t>(read.first), data);
    if (!outcome.status.ok()) return;
    for (sector_t i = 0; i < read.count; ++i) {
      const auto bytes = std::span(data).subspan(dmcore::to_bytes(i), dmcore::sector_size);
      outcome.values.push_back(sim::language::sector_name(bytes, read.first + i));
    }
    sim::language::RunPrinter runs;
    runs.add(data, read.first);
    outcome.lines = runs.finish(read.first);
  }
  void act(const Discard& discard, Outcome& outcome) {
    outcome.status = host_.discard(discard.device, static_cast<std::int64_t>(discard.first),
                                   static_cast<std::int64_t>(discard.count));
  }
  void act(const Flush& flush, Outcome& outcome) { outcome.status = host_.flush(flush.device); }

  // What the reads in the background saw belongs to the window that ends here.
  void act(const Wait&, Outcome&) {
    for (Job& job : jobs_) job.process->wait();
    for (const Job& job : jobs_) {
      judge(job.action, job.outcome);
      print(job.outcome);
    }
    jobs_.clear();
    model_.wait();
  }

  void act(const Sleep& sleep, Outcome&) { host_.sleep_for(sleep.duration); }
  void act(const Create& create, Outcome&) {
    expect(create, host_.dm().create(create.device, {create.target}));
  }
  void act(const Remove& remove, Outcome&) { expect(remove, host_.dm().remove(remove.device)); }
  void act(const Suspend& suspend, Outcome&) {
    expect(suspend, host_.dm().suspend(device, {.no_flush = suspend.no_flush}));
  }
  void act(const Load& load, Outcome&) { expect(load, host_.dm().load(device, {load.target})); }
  void act(const Resume& resume, Outcome&) { expect(resume, host_.dm().resume(device)); }
  void act(const Message& message, Outcome&) {
    expect(message, host_.dm().message(device, 0, message.words));
  }

  void act(const CheckStatus& check, Outcome& outcome) {
    const auto table = host_.dm().status(device);
    expect(check, table);
    outcome.lines = {sim::libdm::format_table(*table)};
    const std::optional<CloneStatus> result = CloneStatus::parse(table->front().params);
    if (!result) complain(check, "shows no clone");
    if (result->mode != CloneStatus::Mode::read_write)
      complain(check, "says that the metadata is not writable");
    if (hydrated_ && *hydrated_ != result->hydrated_regions) {
      complain(check,
               fmt::format("says that {} regions are hydrated; before the device was opened again it was {}",
                           result->hydrated_regions, *hydrated_));
    }
    hydrated_ = result->hydrated_regions;
  }

  void act(const WaitUntilHydrated& until, Outcome&) {
    const auto hydrated = [&] {
      const auto result = host_.dm().clone_status(device);
      expect(until, result);
      return result->hydrated();
    };
    if (!host_.wait_until(hydrated, until.timeout)) complain(until, "is never so");
  }

  void act(const CheckSource& check, Outcome& outcome) {
    const auto counters = host_.take_io_counters("source");
    outcome.status = counters.status();
    if (!counters.ok()) return;
    outcome.lines = {fmt::format("read={} written={} discarded={} flushes={}", counters->read_sectors,
                                 counters->written_sectors, counters->discarded_sectors, counters->flushes)};
    if (std::exchange(source_filled_, true) && counters->written_sectors != 0)
      complain(check,
               fmt::format("says that {} sectors of the source were written", counters->written_sectors));
  }

  template <class T>
  static void expect(const Action& action, const sim::host::DmResult<T>& result) {
    if (!result.ok()) complain(action, "fails: " + result.error().text);
  }

  sim::host::Host& host_;
  CloneModel model_;
  std::list<Job> jobs_;  // stay where they are: processes refer to them
  std::vector<std::string> transcript_;
  std::optional<std::uint64_t> hydrated_;
  bool source_filled_ = false;
};

void look_at_the_end(test::Machine& machine, RunResult& result) {
  result.ended_at = machine.host().now();
  sim::VirtualDisk* destination = machine.disk("dest");
  if (destination == nullptr) return;
  std::vector<std::byte> content(destination->store().size());
  destination->store().read(0, content).ignore();
  sim::host::Sha256 hash;
  hash.add(content);
  result.destination_hash = hash.finish();
}

}  // namespace

RunResult run_plan(const Plan& plan, const sim::Schedule& schedule) {
  RunResult result;
  test::Machine machine(schedule);
  Run run(plan, machine);
  try {
    machine.run([&] {
      for (const Action& action : actions_of(plan)) run.perform(action);
    });
    look_at_the_end(machine, result);
    result.complaint = machine.check_idle();
  } catch (const Complaint& complaint) {
    result.complaint = complaint.what();
  } catch (const sim::MachineStopped& stopped) {
    result.complaint = stopped.what();
  }
  machine.runtime().kill();  // processes refer to the run
  result.transcript = run.transcript();
  return result;
}

RunResult run_scenario(const Plan& plan, const sim::Schedule& schedule) {
  RunResult result;
  test::Machine machine(schedule);
  result.transcript = test::run_scenario(machine, scenario_text(actions_of(plan)));
  look_at_the_end(machine, result);
  return result;
}

}  // namespace proptests
