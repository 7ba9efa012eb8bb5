// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/workload.h"

#include <algorithm>
#include <fmt/core.h>
#include <new>

#include "sim/language/parser.h"
#include "sim/scenario/interpreter.h"
#include "sim/text/printable.h"
#include "sim/text/split.h"

namespace sim::explore {

namespace {

constexpr std::size_t commands_at_once = 1000;

class Recorder {
 public:
  Recorder(Contents& contents, const WorkloadOptions& options)
      : contents_(contents),
        options_(options),
        run_(std::make_unique<Run>(contents)),
        machine_(options.schedule, *options.machine.dialect) {
    machine_.kernel().put_in(options.machine.defects);
    if (options.machine.prepare) options.machine.prepare(machine_);
    run_->devices.emplace_back();
    machine_.on_disk_added([this](VirtualDisk& disk) { note_disk(disk); });
  }

  void record(std::string_view text, Workload& workload);

 private:
  void complain(language::SourcePosition where, std::string_view what) {
    complaint_ += fmt::format("{}:{}: {}\n", printable(options_.name), where.line, what);
  }
  void note_disk(VirtualDisk& disk);
  void begin_command(language::SourcePosition where);
  void note_lines();
  void note_devices(host::Host& host);
  std::optional<Device> device(host::Host& host, const std::string& name);
  void note_metadata(const Devices& devices);
  void mark_metadata(const Devices& devices, std::string_view number, unsigned depth);

  Contents& contents_;
  const WorkloadOptions& options_;
  std::string complaint_;
  std::unique_ptr<Run> run_;
  Machine machine_;
  std::uint32_t line_ = 0;
};

void Recorder::note_disk(VirtualDisk& disk) {
  const std::uint64_t sectors = disk.nr_sectors();
  if (sectors > Contents::sectors_max || run_->disks.size() == Contents::disks_max) {
    complaint_ += fmt::format("{}:{}: {} is too large to be explored, or one disk too many\n",
                              printable(options_.name), line_, disk.name());
    return;
  }
  const auto& metadata = options_.metadata;
  run_->disks.push_back({disk.name(), disk.store().size(), disk.dev(), disk.options(),
                         std::find(metadata.begin(), metadata.end(), disk.name()) != metadata.end()});
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

void Recorder::note_lines() {
  run_->lines.resize(run_->trace.events().size(), line_);
}

void Recorder::begin_command(language::SourcePosition where) {
  note_lines();
  line_ = static_cast<std::uint32_t>(where.line);
}

std::optional<Device> Recorder::device(host::Host& host, const std::string& name) {
  const auto info = host.dm().info(name);
  auto table = host.dm().table(name);
  if (!info.ok() || !table.ok() || !info->live_table || table->empty()) return std::nullopt;
  Device device{.name = name, .minor = info->minor, .read_only = info->read_only, .table = *std::move(table)};
  device.sectors = static_cast<std::uint32_t>(device.table.back().start + device.table.back().length);
  return device;
}

void Recorder::note_devices(host::Host& host) {
  const auto names = host.dm().names();
  if (!names.ok()) return;
  Devices found;
  for (const std::string& name : *names) {
    if (auto one = device(host, name)) found.push_back(*std::move(one));
  }
  const auto mentions = [](const Device& device, const Device& other) {
    const std::string number = fmt::format("{}:{}", dmcore::DeviceMapper::major, other.minor);
    return std::any_of(device.table.begin(), device.table.end(), [&](const host::Target& target) {
      const std::vector<std::string_view> words = words_of(target.params);
      return std::find(words.begin(), words.end(), number) != words.end();
    });
  };
  // Those that only use what is in the list already, again and again.
  Devices sorted;
  while (!found.empty()) {
    const auto next = std::find_if(found.begin(), found.end(), [&](const Device& device) {
      return std::none_of(found.begin(), found.end(), [&](const Device& other) {
        return other.name != device.name && mentions(device, other);
      });
    });
    const auto taken = next == found.end() ? found.begin() : next;
    for (Device& below : sorted) below.used = below.used || mentions(*taken, below);
    sorted.push_back(std::move(*taken));
    found.erase(taken);
  }
  if (sorted == run_->devices.back()) return;
  note_metadata(sorted);
  run_->devices.push_back(std::move(sorted));
  run_->trace.devices_changed(static_cast<std::uint32_t>(run_->devices.size() - 1));
}

// The disks below the metadata device of a clone, through any stack of devices.
void Recorder::mark_metadata(const Devices& devices, std::string_view number, unsigned depth) {
  for (Disk& disk : run_->disks) {
    if (fmt::format("{}:{}", disk.number.major, disk.number.minor) == number) disk.metadata = true;
  }
  constexpr unsigned depth_max = 32;
  for (const Device& device : devices) {
    if (depth == depth_max || fmt::format("{}:{}", dmcore::DeviceMapper::major, device.minor) != number)
      continue;
    for (const host::Target& target : device.table) {
      for (const std::string_view word : words_of(target.params)) mark_metadata(devices, word, depth + 1);
    }
  }
}

void Recorder::note_metadata(const Devices& devices) {
  for (const Device& device : devices) {
    for (const host::Target& target : device.table) {
      const std::vector<std::string_view> words = words_of(target.params);
      if (target.type == "clone" && !words.empty()) mark_metadata(devices, words.front(), 0);
    }
  }
}

void Recorder::record(std::string_view text, Workload& workload) {
  host::Host host(machine_);
  bool changes_devices = false;
  scenario::Interpreter interpreter(machine_,
                                    {.directory = options_.directory,
                                     .save_directory = options_.directory,
                                     .witness = &run_->trace,
                                     .on_command =
                                         [&](language::SourcePosition where) {
                                           if (changes_devices) note_devices(host);
                                           begin_command(where);
                                         }},
                                    [](std::string_view) {});
  try {
    language::CommandStream stream(text);
    for (auto commands = stream.next(commands_at_once); !commands.empty();
         commands = stream.next(commands_at_once)) {
      for (language::Command& command : commands) {
        if (std::holds_alternative<language::CrashCommand>(command.body)) {
          complain(command.where, "crash: every power cut is explored; here none can be chosen");
          break;
        }
        std::vector<language::Command> one;
        one.push_back(std::move(command));
        interpreter.run(one);
        changes_devices = std::holds_alternative<language::DmsetupCommand>(one.front().body) ||
                          std::holds_alternative<language::TablesCommand>(one.front().body);
      }
    }
    interpreter.finish();
    machine_.run([&] { note_devices(host); });
  } catch (const MachineStopped& stopped) {
    complain(interpreter.at(), fmt::format("the machine stopped: {}", stopped.what()));
  } catch (const std::bad_alloc&) {
    complain(interpreter.at(), "out of memory");
  }
  note_lines();
  workload.complaint += complaint_;
  if (complaint_.empty()) workload.run = std::move(run_);
}

}  // namespace

Workload run_workload(Contents& contents, std::string_view text, const WorkloadOptions& options) {
  Workload workload;
  const language::Diagnostics diagnostics = language::check_scenario(text);
  workload.complaint = diagnostics.format(options.name, text);
  if (!diagnostics.has_errors()) Recorder(contents, options).record(text, workload);
  return workload;
}

}  // namespace sim::explore
