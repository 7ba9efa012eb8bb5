// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/clone/job.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <utility>
#include <variant>

#include "sim/clone/failure.h"
#include "sim/store/host_error.h"

namespace sim::clone {

using dmcore::Duration;

namespace {

// What dmsetup would say, in the middle of a line.
void check(std::string_view what, const host::DmStatus& status) {
  if (!status.ok()) throw Failed(fmt::format("{}: {}", what, status.error().text));
}

}  // namespace

Job::Job(const Settings& settings, Disks disks, Listener& listener)
    : settings_(settings),
      listener_(listener),
      machine_(settings.schedule, *settings.dialect),
      host_(machine_) {
  set_up(std::move(disks));
}

// Its tasks use what is destroyed before the machine.
Job::~Job() {
  machine_.runtime().kill();
}

void Job::set_up(Disks disks) {
  summary_.sectors = dmcore::to_sectors(disks.source->size());
  summary_.regions = dmcore::div_round_up(summary_.sectors, settings_.region_size);
  machine_.add_disk(source_disk, std::move(disks.source), {.read_only = true, .timing = settings_.source});
  machine_.add_disk(destination_disk, std::move(disks.destination), {.timing = settings_.destination});
  machine_.add_disk(metadata_disk, std::move(disks.metadata), {});
}

Summary Job::run(const Workload& workload) {
  host_.run([this] { begin(); });
  run_workload(workload);
  host_.run([this] {
    monitor_->wait_until_hydrated();
    replace_with_linear();
  });
  summary_.hydrated_at = monitor_->hydrated_at();
  summary_.source = machine_.disk(source_disk)->counters;
  summary_.destination = machine_.disk(destination_disk)->counters;
  summary_.metadata = machine_.disk(metadata_disk)->counters;
  return summary_;
}

std::string Job::table_params() const {
  const dmclone::Dialect& dialect = *settings_.dialect;
  return fmt::format("{} {} {} {} 0 4 {} {} {} {}", host_.device_path(metadata_disk),
                     host_.device_path(destination_disk), host_.device_path(source_disk),
                     settings_.region_size, dmclone::threshold_key,
                     dialect.from_regions(settings_.threshold, settings_.region_size), dialect.batch_key,
                     dialect.from_regions(settings_.batch, settings_.region_size));
}

void Job::begin() {
  const host::Table table = {
      {.start = 0, .length = summary_.sectors, .type = "clone", .params = table_params()}};
  if (const auto made = host_.dm().create(clone_device, table); !made.ok()) {
    const std::vector<HostError> errors = machine_.host_errors().take();
    if (!errors.empty()) throw Failed(describe(errors.front()));
    const std::vector<std::string> log = host_.take_log();
    throw Failed(
        fmt::format("the clone target refuses its table: {}", log.empty() ? made.error().text : log.back()));
  }
  const auto status = host_.dm().clone_status(clone_device);
  if (status.ok()) summary_.hydrated_before = status->hydrated_regions;
  listener_.begun(libdm::format_table(table),
                  {.hydrated = summary_.hydrated_before, .regions = summary_.regions});
  const auto count_io = [this](Progress& progress) {
    progress.reads = summary_.reads;
    progress.writes = summary_.writes;
  };
  monitor_.emplace(host_, listener_,
                   Monitor::Setup{.device = clone_device,
                                  .threshold_min = settings_.dialect->from_regions(1, settings_.region_size),
                                  .patience = patience()},
                   count_io);
  monitor_->begin();
}

// What the slowest region may take, with much to spare.
Duration Job::patience() const {
  using Seconds = std::chrono::duration<double>;
  const DiskTiming& source = settings_.source;
  const DiskTiming& destination = settings_.destination;
  Seconds seconds = 2 * Seconds(source.read_latency + destination.write_latency + destination.flush_latency);
  if (source.bytes_per_second != 0) {
    const double ahead = static_cast<double>(settings_.threshold) + settings_.batch;
    seconds += Seconds(ahead * static_cast<double>(dmcore::to_bytes(settings_.region_size)) /
                       static_cast<double>(source.bytes_per_second));
  }
  constexpr Seconds least = std::chrono::minutes(10);
  constexpr Seconds most = std::chrono::hours(24 * 365 * 10);
  return std::chrono::duration_cast<Duration>(std::min(least + seconds, most));
}

void Job::run_workload(const Workload& workload) {
  if (workload.commands.empty()) return;
  interpreter_.emplace(
      machine_,
      scenario::Interpreter::Options{.directory = std::filesystem::path(workload.name).parent_path().string(),
                                     .save_directory = {},
                                     .echo = false,
                                     .strict = true,
                                     .on_command = [&](auto where) { begin_command(workload, where); }},
      [this](std::string_view line) { output_.emplace_back(line); });
  for (const language::Command& command : workload.commands) {
    interpreter_->run({command});
    if (std::holds_alternative<language::ReadCommand>(command.body)) ++summary_.reads;
    if (std::holds_alternative<language::WriteCommand>(command.body)) ++summary_.writes;
  }
  for (const language::SourcePosition where : interpreter_->finish()) {
    begin_command(workload, where);
    output_.emplace_back(scenario::Interpreter::still_running);
  }
  pass_on_output();
  summary_.unexpected = interpreter_->unexpected();
}

void Job::begin_command(const Workload& workload, language::SourcePosition where) {
  pass_on_output();
  command_ =
      &*std::partition_point(workload.commands.begin(), workload.commands.end(),
                             [where](const language::Command& one) { return one.where.line < where.line; });
}

void Job::pass_on_output() {
  if (!output_.empty()) listener_.output(*command_, output_);
  output_.clear();
}

// The destination holds everything now, and needs no clone target above it any more.
void Job::replace_with_linear() {
  host::Dm dm = host_.dm();
  const auto status = dm.status(clone_device);
  if (status.ok()) summary_.status = libdm::format_table(*status);
  check("suspending the clone", dm.suspend(clone_device));
  const host::Table table = {{.start = 0,
                              .length = summary_.sectors,
                              .type = "linear",
                              .params = host_.device_path(destination_disk) + " 0"}};
  check("replacing the clone by its destination", dm.load(clone_device, table));
  check("replacing the clone by its destination", dm.resume(clone_device));
  const auto linear = dm.table(clone_device);
  if (linear.ok()) summary_.table = libdm::format_table(*linear);
  const dmcore::Status flushed = host_.flush(clone_device);
  monitor_->check_host();
  if (!flushed.ok()) throw Failed("the destination could not be flushed");
}

}  // namespace sim::clone
