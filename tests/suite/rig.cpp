// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/suite/rig.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/store/memory_store.h"

namespace suite {

namespace {

// More than any test needs; what is not written costs nothing.
constexpr sector_t disk_sectors = gib(64);

sim::VirtualDisk& add_disk(sim::Machine& machine, const std::string& name, const sim::DiskTiming& timing) {
  sim::DiskOptions options;
  options.timing = timing;
  return machine.add_disk(name, std::make_unique<sim::MemoryStore>(dmcore::to_bytes(disk_sectors)), options);
}

std::int64_t offset_of(sector_t sector) {
  return static_cast<std::int64_t>(dmcore::to_bytes(sector));
}

}  // namespace

void check(dmcore::Status status, const std::string& what) {
  if (!status.ok()) throw CommandFailed(fmt::format("{}: {}", what, dmcore::errno_name(status.error())));
}

void ending_with(const std::function<void()>& body, const std::function<void()>& end) {
  std::exception_ptr failure;
  try {
    body();
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  end();
  if (failure) std::rethrow_exception(failure);
}

Rig::Rig(const Options& options)
    : machine_(options.schedule),
      system_(machine_, {}),
      fast_(&add_disk(machine_, "loop0", options.fast)),
      slow_(&add_disk(machine_, "loop1", options.slow)) {}

std::string Rig::dmsetup(const std::vector<std::string>& arguments) {
  const sim::dmsetup::Outcome outcome = sim::dmsetup::run(system_, arguments);
  if (outcome.exit_code != 0) {
    throw CommandFailed(
        fmt::format("dmsetup {}: exit {}\n{}", fmt::join(arguments, " "), outcome.exit_code, outcome.err));
  }
  return outcome.out;
}

void Rig::with_device(const std::string& table, const std::function<void(const std::string&)>& body) {
  const std::string name = fmt::format("test-dev-{}", devices_made_++);
  dmsetup({"create", name, "--table", table});
  ending_with([&] { body(name); }, [&] { dmsetup({"remove", name}); });
}

dmcore::BlockDevice& Rig::device(const std::string& path) {
  const auto dev = machine_.block().lookup_path(path);
  dmcore::BlockDevice* found = dev.ok() ? machine_.block().find(*dev) : nullptr;
  if (found == nullptr) throw CommandFailed(path + ": no such device");
  return *found;
}

void Rig::with_file(const std::string& path, const std::function<void(sim::host::DeviceFile&)>& body) {
  auto file = sim::host::DeviceFile::open(machine_.block(), path, true);
  check(file.ok() ? dmcore::Status() : file.error(), "open " + path);
  ending_with([&] { body(*file); }, [&] { file->close(); });
}

void Rig::write(const std::string& path, sector_t sector, std::span<const std::byte> data) {
  with_file(path, [&](sim::host::DeviceFile& file) {
    const auto done = file.write(data, offset_of(sector), false);
    check(done.ok() ? dmcore::Status() : done.error(), "write to " + path);
  });
}

void Rig::read(const std::string& path, sector_t sector, std::span<std::byte> data) {
  with_file(path, [&](sim::host::DeviceFile& file) {
    const auto done = file.read(data, offset_of(sector));
    check(done.ok() ? dmcore::Status() : done.error(), "read from " + path);
    if (*done != data.size()) throw CommandFailed("read beyond the end of " + path);
  });
}

void Rig::discard(const std::string& path, sector_t sector, sector_t count) {
  with_file(path, [&](sim::host::DeviceFile& file) {
    check(file.discard(dmcore::to_bytes(sector), dmcore::to_bytes(count)), "discard on " + path);
  });
}

void Rig::flush(const std::string& path) {
  with_file(path, [&](sim::host::DeviceFile& file) { check(file.sync(), "fsync of " + path); });
}

void Rig::zero(const std::string& path, sector_t count, sector_t io_size) {
  const std::vector<std::byte> zeroes(dmcore::to_bytes(io_size));
  with_file(path, [&](sim::host::DeviceFile& file) {
    for (sector_t at = 0; at < count; at += io_size) {
      const auto piece = std::span(zeroes).first(dmcore::to_bytes(std::min(io_size, count - at)));
      const auto done = file.write(piece, offset_of(at), false);
      check(done.ok() ? dmcore::Status() : done.error(), "write to " + path);
    }
  });
}

void Rig::in_parallel(unsigned processes, const std::function<void(unsigned)>& body) {
  struct Process {
    explicit Process(dmcore::Runtime& runtime) : ended(runtime, "process") {}
    dmcore::Completion ended;
    std::exception_ptr failure;
  };
  std::vector<std::unique_ptr<Process>> running;
  for (unsigned i = 0; i < processes; ++i) {
    Process& process = *running.emplace_back(std::make_unique<Process>(machine_.runtime()));
    machine_.runtime().spawn(fmt::format("process {}", i), [&body, &process, i] {
      try {
        body(i);
      } catch (const std::exception&) {
        process.failure = std::current_exception();
      }
      process.ended.complete();
    });
  }
  for (const auto& process : running) process->ended.wait();
  for (const auto& process : running) {
    if (process->failure) std::rethrow_exception(process->failure);
  }
}

std::string Rig::log() {
  std::string text;
  for (const dmcore::LogLine& line : machine_.log().take()) text += line.text + "\n";
  return text;
}

std::string Rig::refusal(const std::function<void()>& body) {
  log();
  try {
    body();
  } catch (const CommandFailed&) {
    return log();
  }
  return "not refused";
}

dmcore::Duration Rig::time_of(const std::function<void()>& body) {
  const dmcore::Time begin = now();
  body();
  return now() - begin;
}

}  // namespace suite
