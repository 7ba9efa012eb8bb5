// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/rig/machine.h"

#include <algorithm>
#include <fmt/format.h>

#include "tests/rig/failure.h"

namespace test {

namespace {

// No test reads or writes a file of the host by accident.
const sim::host::Host::Options no_files = {.directory = "/nonexistent", .save_directory = "/nonexistent"};

}  // namespace

Machine::Machine(const sim::Schedule& schedule, const dmclone::Dialect& dialect)
    : sim::Machine(schedule, dialect), host_(*this, no_files) {}

Machine::Machine(std::unique_ptr<sim::Strategy> strategy)
    : sim::Machine(std::move(strategy)), host_(*this, no_files) {}

// Tasks that still run use the host.
Machine::~Machine() {
  runtime().kill();
}

sim::VirtualDisk& Machine::add_disk(sector_t sectors, const sim::DiskOptions& options) {
  const std::string name = fmt::format("loop{}", loops_++);
  return *checked(host_.add_disk({.name = name, .size_bytes = dmcore::to_bytes(sectors), .options = options}),
                  name);
}

ProbeDisk& Machine::add_probe_disk(sector_t sectors) {
  const std::uint32_t number = loops_++;
  auto disk =
      std::make_unique<ProbeDisk>(block(), fmt::format("loop{}", number), dmcore::DevT{7, number}, sectors);
  ProbeDisk& made = *disk;
  add_device(std::move(disk));
  probe_disks_.push_back(&made);
  return made;
}

dmcore::BlockDevice& Machine::device(const std::string& path) {
  dmcore::BlockDevice* found = block().find(checked(block().lookup_path(path), path));
  if (found == nullptr) throw Failure(path + ": there is no device behind the node");
  return *found;
}

void Machine::in_parallel(unsigned processes, const std::function<void(unsigned)>& body) {
  std::vector<sim::host::Process> running;
  for (unsigned i = 0; i < processes; ++i)
    running.push_back(host_.start(fmt::format("process {}", i), [&body, i] { body(i); }));
  for (sim::host::Process& process : running) process.wait();
}

std::vector<std::string> Machine::logged() {
  constexpr std::string_view prefix = "device-mapper: ";
  std::vector<std::string> texts;
  for (dmcore::LogLine& line : log().take()) {
    if (line.text.starts_with(prefix)) line.text.erase(0, prefix.size());
    texts.push_back(std::move(line.text));
  }
  return texts;
}

Ending Machine::ending_of(const std::function<void()>& use) {
  try {
    use();
  } catch (const sim::OutOfSteps&) {
    return {Ending::Kind::out_of_steps, {}};
  } catch (const sim::MachineStopped& stopped) {
    const std::string report = stopped.what();
    return {may_wait(report) ? Ending::Kind::waits : Ending::Kind::stopped, report};
  }
  return {};
}

std::string Machine::stopped_by(const std::function<void()>& main) {
  return ending_of([&] { run(main); }).report;
}

bool Machine::may_wait(const std::string& report) {
  if (!report.starts_with("deadlock")) return false;
  if (report.find("'dm event'") != std::string::npos) return true;
  const auto is_silent = [](const auto& disk) {
    return disk.second->holds_back() && disk.second->faults().expectation().waits;
  };
  if (std::any_of(disks().begin(), disks().end(), is_silent)) return true;
  const auto& names = dm().devices().names();
  return std::any_of(names.begin(), names.end(),
                     [](const auto& named) { return named.second->md->suspended(); });
}

}  // namespace test
