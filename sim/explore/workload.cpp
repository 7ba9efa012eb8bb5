// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/workload.h"

#include <algorithm>
#include <charconv>
#include <fmt/core.h>
#include <optional>

#include "sim/explore/add_once.h"
#include "sim/explore/devices.h"
#include "sim/explore/stack.h"
#include "sim/host/host.h"
#include "sim/scenario/replay.h"
#include "sim/text/printable.h"
#include "sim/text/split.h"

namespace sim::explore {

namespace {

class Recorder {
 public:
  Recorder(Contents& contents, const WorkloadOptions& options)
      : contents_(contents), options_(options), run_(std::make_unique<Run>(contents)) {
    run_->devices.emplace_back();
    run_->trace.set_causality(&run_->causality);
  }

  Workload record(std::string_view text);

 private:
  void complain(int line, std::string_view what) {
    complaint_ += fmt::format("{}:{}: {}\n", printable(options_.name), line, what);
  }
  void prepare(Machine& machine);
  void note_disk(VirtualDisk& disk);
  void note_line();
  void note_devices();
  bool has_write_cache(std::string_view number);
  void note_clones(Device& device);
  [[nodiscard]] std::optional<std::uint32_t> disk_of(std::string_view number) const;
  void note_metadata(const Devices& devices);
  void mark_metadata(const Devices& devices, dmcore::DevT number);

  Contents& contents_;
  const WorkloadOptions& options_;
  std::string complaint_;  // why it cannot be explored
  std::unique_ptr<Run> run_;
  std::optional<host::Host> host_;
  int line_ = 0;
};

void Recorder::prepare(Machine& machine) {
  if (options_.machine.prepare) options_.machine.prepare(machine);
  machine.runtime().set_observer(run_->causality);
  machine.on_disk_added([this](VirtualDisk& disk) { note_disk(disk); });
  host_.emplace(machine);
}

void Recorder::note_disk(VirtualDisk& disk) {
  const std::uint64_t sectors = disk.nr_sectors();
  if (sectors > Contents::sectors_max || run_->disks.size() == Contents::disks_max) {
    complain(line_, fmt::format("{} is too large to be explored, or one disk too many", disk.name()));
    return;
  }
  run_->disks.push_back({disk.name(), disk.store().size(), disk.dev(), disk.options(), {}});
  if (contains(options_.metadata, disk.name())) mark_metadata({}, disk.dev());
  std::vector<ContentId>& content = run_->contents.emplace_back();
  Contents::Sector bytes;
  for (std::uint64_t at = 0;;) {
    const auto extent = disk.store().next_extent(at);
    if (!extent.ok() || !*extent) break;
    at = (*extent)->offset / bytes.size() * bytes.size();
    for (; at < (*extent)->offset + (*extent)->length; at += bytes.size()) {
      disk.store().read(at, bytes).ignore();
      const ContentId id = contents_.number_of(bytes);
      if (id == Contents::zeroes) continue;
      content.resize(at / bytes.size() + 1, Contents::zeroes);
      content[at / bytes.size()] = id;
    }
  }
  run_->trace.watch(disk);
}

// The events up to now are those of the command that was on that line.
void Recorder::note_line() {
  run_->lines.resize(run_->trace.events().size(), static_cast<std::uint32_t>(line_));
}

std::optional<std::uint32_t> Recorder::disk_of(std::string_view number) const {
  for (std::uint32_t i = 0; i < run_->disks.size(); ++i) {
    if (to_string(run_->disks[i].number) == number) return i;
  }
  return std::nullopt;
}

// Of a device that is there.
bool Recorder::has_write_cache(std::string_view number) {
  const auto& devices = host_->machine().block().devices();
  return std::any_of(devices.begin(), devices.end(), [&](const auto& numbered) {
    return to_string(numbered.first) == number && numbered.second->write_cache;
  });
}

void Recorder::note_clones(Device& device) {
  for (const host::Target& target : device.table) {
    const std::vector<std::string_view> words = words_of(target.params);
    constexpr std::size_t words_min = 4;  // metadata, destination, source, region size
    if (target.type != "clone" || words.size() < words_min) continue;
    CloneDisks& clone = device.clones.emplace_back();
    clone.metadata = disk_of(words[0]);
    clone.destination = disk_of(words[1]);
    clone.destination_caches = has_write_cache(words[1]);
    clone.source = disk_of(words[2]);
    std::from_chars(words[3].data(), words[3].data() + words[3].size(), clone.region_sectors);
  }
}

void Recorder::note_devices() {
  Devices devices = mapped_devices(*host_);
  for (Device& device : devices) note_clones(device);
  if (devices == run_->devices.back()) return;
  note_metadata(devices);
  run_->devices.push_back(std::move(devices));
  // No task does this.
  run_->causality.barrier();
  run_->trace.devices_changed(static_cast<std::uint32_t>(run_->devices.size() - 1));
  run_->causality.barrier();
}

// What of the disks is below a device, through any stack.
void Recorder::mark_metadata(const Devices& devices, dmcore::DevT number) {
  for_each_range_below(
      devices, number, 0, sectors_everywhere,
      [&](dmcore::DevT below, std::uint64_t first, std::uint64_t count) {
        for (Disk& disk : run_->disks) {
          if (disk.number != below) continue;
          const std::uint64_t sectors = disk.size_bytes / dmcore::sector_size;
          const std::uint64_t end = std::min(sectors, first + count);
          disk.metadata.add(sector_range(first / block_sectors * block_sectors,
                                         dmcore::div_round_up(end, block_sectors) * block_sectors));
        }
      });
}

void Recorder::note_metadata(const Devices& devices) {
  for (const Device& device : devices) {
    for (const host::Target& target : device.table) {
      const std::vector<std::string_view> words = words_of(target.params);
      if (target.type != "clone" || words.empty()) continue;
      for (const dmcore::DevT below : device.below) {
        if (to_string(below) == words.front()) mark_metadata(devices, below);
      }
    }
  }
}

Workload Recorder::record(std::string_view text) {
  scenario::ReplayOptions options = replay_options(options_);
  options.prepare = [this](Machine& machine) { prepare(machine); };
  options.witness = &run_->trace;
  options.may_crash = false;
  options.on_line = [](std::string_view) {};
  options.on_command = [this](language::SourcePosition where) {
    note_line();
    run_->causality.barrier();
    line_ = where.line;
  };
  options.after_command = [this](const language::Command& command) {
    const auto is = [&command]<class... Bodies>() {
      return (std::holds_alternative<Bodies>(command.body) || ...);
    };
    // A command that ran in the background has ended by then.
    if (is.template operator()<language::DmsetupCommand, language::TablesCommand, language::WaitCommand>())
      note_devices();
    if (is.template operator()<language::CrashCommand>())
      complain(line_,
               "crash: without the oracle `expect` every power cut is explored; here none can be chosen");
  };
  const scenario::ReplayResult result = scenario::replay(text, options);
  note_line();
  const bool ran =
      result.outcome == scenario::ReplayOutcome::ok || result.outcome == scenario::ReplayOutcome::mismatch;
  if (ran && complaint_.empty() && run_->devices.size() == 1)
    complain(line_, "the scenario ends, and no device was ever set up that a power cut could take down");
  Workload workload{.run = nullptr, .complaint = result.complaint + complaint_};
  if (ran && complaint_.empty()) workload.run = std::move(run_);
  return workload;
}

}  // namespace

scenario::ReplayOptions replay_options(const WorkloadOptions& options) {
  scenario::ReplayOptions replay;
  replay.schedule = options.schedule;
  replay.dialect = options.machine.dialect;
  replay.defects = options.machine.defects;
  replay.fixes = options.machine.fixes;
  replay.prepare = options.machine.prepare;
  replay.name = options.name;
  replay.directory = replay.save_directory = options.directory;
  return replay;
}

Workload run_workload(Contents& contents, std::string_view text, const WorkloadOptions& options) {
  return Recorder(contents, options).record(text);
}

}  // namespace sim::explore
