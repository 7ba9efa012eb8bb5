// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/rig/dm_machine.h"

#include <fmt/format.h>

#include "tests/rig/failure.h"

namespace test {

using dmcore::Status;
using dmcore::ioctl::Command;

Status DmMachine::create(std::string_view name, std::string_view uuid) {
  return Control().name(name).uuid(uuid).run(dm(), Command::dev_create);
}

Status DmMachine::load(std::string_view name, const std::vector<Line>& lines, std::uint32_t flags) {
  return Control(65536).name(name).flags(flags).table(lines).run(dm(), Command::table_load);
}

Status DmMachine::resume(std::string_view name, std::uint32_t flags) {
  return Control().name(name).flags(flags).run(dm(), Command::dev_suspend);
}

Status DmMachine::suspend(std::string_view name, std::uint32_t flags) {
  return Control().name(name).flags(flags | dmcore::ioctl::flag_suspend).run(dm(), Command::dev_suspend);
}

Status DmMachine::remove(std::string_view name, std::uint32_t flags) {
  return Control().name(name).flags(flags).run(dm(), Command::dev_remove);
}

dmcore::MappedDevice& DmMachine::make(std::string_view name, const std::vector<Line>& lines) {
  check(create(name), "create");
  check(load(name, lines), "load");
  check(resume(name), "resume");
  return mapped(name);
}

dmcore::MappedDevice& DmMachine::mapped(std::string_view name) {
  return *dm().devices().by_name(name)->md;
}

std::string DmMachine::refusal(sector_t length, const std::string& type, const std::string& params) {
  const std::string name = fmt::format("refused{}", refused_++);
  logged();
  Status status = create(name);
  if (status.ok()) status = load(name, {{0, length, type, params}});
  const std::vector<std::string> lines = logged();
  remove(name).ignore();
  if (status.ok()) return {};
  if (lines.empty()) return std::string(errno_name(status.error()));
  // "table: 253:0: ..."
  const std::string& line = lines.front();
  return line.substr(line.find(": ", line.find(": ") + 2) + 2);
}

std::string DmMachine::first_status(std::string_view name, std::uint32_t flags) {
  Control control;
  const Status status = control.name(name).flags(flags).run(dm(), Command::table_status);
  return status.ok() ? control.lines().at(0).params : std::string(errno_name(status.error()));
}

std::string DmMachine::table(std::string_view name) {
  return first_status(name, dmcore::ioctl::flag_status_table);
}

std::string DmMachine::status(std::string_view name) {
  return first_status(name, 0);
}

std::string DmMachine::measured(std::string_view name) {
  return first_status(name, dmcore::ioctl::flag_ima_measurement);
}

std::string DmMachine::message(std::string_view name, const std::string& words) {
  Control control;
  const Status status = control.name(name)
                            .payload(words, sizeof(dmcore::ioctl::TargetMessage))
                            .run(dm(), Command::target_message);
  if (!status.ok()) return std::string(errno_name(status.error()));
  return control.has(dmcore::ioctl::flag_data_out) ? control.out() : "";
}

}  // namespace test
