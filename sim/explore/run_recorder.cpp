// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/run_recorder.h"

#include <algorithm>
#include <charconv>
#include <fmt/core.h>

#include "sim/explore/add_once.h"
#include "sim/explore/devices.h"
#include "sim/explore/stack.h"
#include "sim/text/split.h"

namespace sim::explore {

RunRecorder::RunRecorder(Contents& contents, const std::vector<std::string>& metadata)
    : contents_(contents), metadata_(metadata), run_(std::make_unique<Run>(contents)) {
  run_->devices.emplace_back();
  run_->trace.set_causality(&run_->causality);
}

void RunRecorder::attach(Machine& machine) {
  machine.on_disk_added([this](VirtualDisk& disk) { note_disk(disk); });
  host_.emplace(machine);
}

void RunRecorder::begin_command(int line) {
  note_line();
  run_->causality.barrier();
  line_ = line;
}

void RunRecorder::end_command(const language::Command& command) {
  const auto is = [&command]<class... Bodies>() {
    return (std::holds_alternative<Bodies>(command.body) || ...);
  };
  // A command that ran in the background has ended by then.
  if (is.template operator()<language::DmsetupCommand, language::TablesCommand, language::WaitCommand>())
    note_devices();
}

void RunRecorder::begin_own() {
  if (!run_->common) run_->common = static_cast<std::uint32_t>(run_->trace.events().size());
}

void RunRecorder::note_disk(VirtualDisk& disk) {
  const std::uint64_t sectors = disk.nr_sectors();
  if (sectors > Contents::sectors_max || run_->disks.size() == Contents::disks_max) {
    complaints_.push_back(
        {line_, fmt::format("{} is too large to be explored, or one disk too many", disk.name())});
    return;
  }
  run_->disks.push_back({disk.name(), disk.store().size(), disk.dev(), disk.options(), {}});
  if (contains(metadata_, disk.name())) mark_metadata({}, disk.dev());
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
void RunRecorder::note_line() {
  run_->lines.resize(run_->trace.events().size(), static_cast<std::uint32_t>(line_));
}

std::optional<std::uint32_t> RunRecorder::disk_of(std::string_view number) const {
  for (std::uint32_t i = 0; i < run_->disks.size(); ++i) {
    if (to_string(run_->disks[i].number) == number) return i;
  }
  return std::nullopt;
}

// Of a device that is there.
bool RunRecorder::has_write_cache(std::string_view number) {
  const auto& devices = host_->machine().block().devices();
  return std::any_of(devices.begin(), devices.end(), [&](const auto& numbered) {
    return to_string(numbered.first) == number && numbered.second->write_cache;
  });
}

void RunRecorder::note_clones(Device& device) {
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

void RunRecorder::note_devices() {
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
void RunRecorder::mark_metadata(const Devices& devices, dmcore::DevT number) {
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

void RunRecorder::note_metadata(const Devices& devices) {
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

}  // namespace sim::explore
