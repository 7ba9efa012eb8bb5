// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/fuzz/target_bench.h"

#include <algorithm>
#include <memory>

#include "sim/dmsetup/dmsetup.h"
#include "sim/host/device_file.h"
#include "sim/language/pattern.h"
#include "sim/store/memory_store.h"

namespace fuzz {
namespace {

constexpr std::size_t transcript_bytes_max = std::size_t{1} << 20;

// A filled one is so at its beginning.
std::unique_ptr<sim::MemoryStore> store(std::uint64_t mebibytes, bool filled = false) {
  constexpr std::size_t filled_bytes = std::size_t{64} << 10;
  auto made = std::make_unique<sim::MemoryStore>(mebibytes << 20U);
  if (filled) made->write(0, std::vector<std::byte>(filled_bytes, std::byte{'S'})).ignore();
  return made;
}

std::string word(dmcore::Status status) {
  return std::string(status.ok() ? "ok" : dmcore::errno_name(status.error()));
}

}  // namespace

TargetBench::TargetBench(std::uint64_t steps) : bounded_(steps), system_(bounded_.machine(), "/nonexistent") {
  sim::Machine& m = machine();
  m.add_disk("loop0", store(4), {});
  m.add_disk("loop1", store(2), {});
  m.add_disk("loop2", store(2, true), {});
  m.add_disk("loop3", store(1, true), {.read_only = true});
  m.add_disk("loop4", store(2), {.logical_block_size = 4096, .discard = false});
}

Outcome TargetBench::outcome_of(const std::function<void()>& use) {
  const test::Ending ending = bounded_.end_of([&] { machine().run(use); });
  Outcome outcome{.transcript = transcript_ + ending.report, .finding = {}};
  if (ending.kind == test::Ending::Kind::stopped) outcome.finding = ending.report;
  return outcome;
}

void TargetBench::call(std::function<void()> function) {
  constexpr dmcore::Duration look_again = std::chrono::milliseconds(50);
  constexpr int looks = 20;
  const auto over = std::make_shared<bool>(false);
  machine().runtime().spawn("call", [over, function = std::move(function)] {
    function();
    *over = true;
  });
  machine().runtime().settle();
  for (int i = 0; i < looks && !*over; ++i) machine().runtime().sleep_for(look_again);
  if (!*over) say("it does not return");
  say_log();
}

void TargetBench::dmsetup(std::vector<std::string> arguments) {
  call([this, arguments = std::move(arguments)] {
    const sim::dmsetup::Outcome outcome = sim::dmsetup::run(system_, arguments);
    say(outcome.out);
    say(outcome.err);
    if (outcome.exit_code != 0) say("exit " + std::to_string(outcome.exit_code));
  });
}

void TargetBench::touch(const std::string& path) {
  call([this, path] {
    auto file = sim::host::DeviceFile::open(machine().block(), path, true);
    if (!file.ok()) return say(word(file.error()));
    constexpr std::int64_t block = 4096;
    constexpr std::int64_t no_more = std::int64_t{1} << 62;
    const auto size = static_cast<std::int64_t>(std::min<std::uint64_t>(file->size(), no_more));
    std::vector<std::byte> data(block);
    for (const std::int64_t at : {std::int64_t{0}, size / 2 / block * block, size - block, size}) {
      sim::language::RunPrinter runs;
      const auto done = file->read(data, at);
      say(word(done.ok() ? dmcore::Status() : done.error()));
      runs.add(data, 0);
      for (const std::string& line : runs.finish(0)) say(line);
      data.assign(block, std::byte{'W'});
      const auto written = file->write(data, at, at == 0);
      say(word(written.ok() ? dmcore::Status() : written.error()));
      if (at >= 0)
        say(word(file->discard(static_cast<std::uint64_t>(at), static_cast<std::uint64_t>(2 * block))));
    }
    say(word(file->sync()));
    file->close();
  });
}

void TargetBench::say(std::string_view line) {
  if (transcript_.size() + line.size() < transcript_bytes_max) transcript_.append(line).push_back('\n');
}

void TargetBench::say_log() {
  for (const dmcore::LogLine& line : machine().log().take()) say(line.text);
}

}  // namespace fuzz
