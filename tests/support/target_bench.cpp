// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/target_bench.h"

#include <fmt/format.h>

#include "dmcore/targets/targets.h"

#include "sim/store/memory_store.h"

namespace test {

using dmcore::Status;
using dmcore::ioctl::Command;

TargetBench::TargetBench() {
  for (const auto& type : dmcore::standard_target_types) machine_.dm.register_target(type()).ignore();
}

sim::VirtualDisk& TargetBench::add_disk(sector_t sectors, const sim::DiskOptions& options) {
  const auto minor = static_cast<std::uint32_t>(disks_.size());
  disks_.push_back(std::make_unique<sim::VirtualDisk>(
      machine_.layer, dmcore::DevT{7, minor}, fmt::format("loop{}", minor),
      std::make_unique<sim::MemoryStore>(dmcore::to_bytes(sectors)), options));
  machine_.layer.add(*disks_.back());
  return *disks_.back();
}

dmcore::MappedDevice& TargetBench::make(std::string_view name, sector_t length, const std::string& type,
                                        const std::string& params) {
  return machine_.make(name, {{0, length, type, params}});
}

std::string TargetBench::refusal(sector_t length, const std::string& type, const std::string& params) {
  const std::string name = fmt::format("refused{}", refused_++);
  log();
  Status status = machine_.create(name);
  if (status.ok()) status = machine_.load(name, {{0, length, type, params}});
  const std::vector<std::string> lines = log();
  machine_.remove(name).ignore();
  if (status.ok()) return {};
  if (lines.empty()) return std::string(errno_name(status.error()));
  // "table: 253:0: ..."
  return lines.front().substr(lines.front().find(": ", lines.front().find(": ") + 2) + 2);
}

std::string TargetBench::status_line(std::string_view name, std::uint32_t flags) {
  Control control;
  const Status status = control.name(name).flags(flags).run(machine_.dm, Command::table_status);
  if (!status.ok()) return std::string(errno_name(status.error()));
  const std::string line = control.targets().at(0);
  std::size_t at = 0;
  for (int word = 0; word < 3; ++word) at = line.find(' ', at) + 1;
  return line.substr(at);
}

std::string TargetBench::table(std::string_view name) {
  return status_line(name, dmcore::ioctl::flag_status_table);
}
std::string TargetBench::status(std::string_view name) {
  return status_line(name, 0);
}

std::string TargetBench::measured(std::string_view name) {
  return status_line(name, dmcore::ioctl::flag_ima_measurement);
}

std::string TargetBench::message(std::string_view name, const std::string& words) {
  Control control;
  const Status status = control.name(name)
                            .payload(words, sizeof(dmcore::ioctl::TargetMessage))
                            .run(machine_.dm, Command::target_message);
  if (!status.ok()) return std::string(errno_name(status.error()));
  return control.has(dmcore::ioctl::flag_data_out) ? control.out() : "";
}

std::vector<std::string> TargetBench::log() {
  constexpr std::string_view prefix = "device-mapper: ";
  std::vector<std::string> lines;
  for (const std::string& line : machine_.log()) {
    lines.push_back(line.starts_with(prefix) ? line.substr(prefix.size()) : line);
  }
  return lines;
}

}  // namespace test
