// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/fuzz/target_bench.h"

#include <algorithm>
#include <memory>

#include "sim/language/pattern.h"

#include "tests/rig/letters.h"

namespace fuzz {
namespace {

constexpr std::size_t transcript_bytes_max = std::size_t{1} << 20;

std::string word(dmcore::Status status) {
  return std::string(status.ok() ? "ok" : dmcore::errno_name(status.error()));
}

}  // namespace

TargetBench::TargetBench(std::uint64_t steps) {
  machine_.runtime().set_step_budget(steps);
  constexpr dmcore::sector_t mebibyte = 2048;
  const std::string data(128, 'S');
  machine_.add_disk(4 * mebibyte);
  machine_.add_disk(2 * mebibyte);
  test::store_letters(machine_.add_disk(2 * mebibyte), 0, data);
  test::store_letters(machine_.add_disk(mebibyte, {.read_only = true}), 0, data);
  machine_.add_disk(2 * mebibyte, {.logical_block_size = 4096, .discard = false});
}

Outcome TargetBench::outcome_of(const std::function<void()>& use) {
  const test::Ending ending = machine_.ending_of([&] { machine_.run(use); });
  Outcome outcome{.transcript = transcript_ + ending.report, .finding = {}};
  if (ending.kind == test::Ending::Kind::stopped) outcome.finding = ending.report;
  return outcome;
}

void TargetBench::call(std::function<void()> function) {
  constexpr dmcore::Duration time_to_return = std::chrono::seconds(1);
  const sim::host::Process process = machine_.host().start("call", std::move(function));
  machine_.host().settle();
  const auto ended = [&process] { return process.ended(); };
  if (!machine_.host().wait_until(ended, time_to_return, std::chrono::milliseconds(50)))
    say("it does not return");
  for (const std::string& line : machine_.logged()) say(line);
}

void TargetBench::dmsetup(std::vector<std::string> arguments) {
  call([this, arguments = std::move(arguments)] {
    const sim::dmsetup::Outcome outcome = machine_.host().dmsetup(arguments);
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

}  // namespace fuzz
