// SPDX-License-Identifier: GPL-2.0-or-later
// Scenarios: any text is parsed, and what can be run is run.
//
// An input must not take long only because it asks for much, nor touch the files of the host. So sizes,
// counts and times are cut before it runs, commands that name files are left out, and the machine has a
// limited number of steps.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "sim/generate/generate.h"
#include "sim/language/parser.h"
#include "sim/scenario/interpreter.h"

#include "tests/fuzz/fuzz_target.h"
#include "tests/rig/machine.h"
#include "tests/support/source_tree.h"

namespace fuzz {
namespace {

constexpr std::uint64_t steps_max = 200'000;
constexpr std::size_t commands_max = 100;
constexpr std::uint64_t disk_bytes_max = std::uint64_t{16} << 20;
constexpr std::int64_t io_sectors_max = 4096;
constexpr dmcore::Duration sleep_max = std::chrono::seconds(20);
constexpr dmcore::Duration until_max = std::chrono::seconds(1);
constexpr std::size_t transcript_bytes_max = std::size_t{1} << 20;

// Returns whether what is left may run.
struct Bound {
  bool operator()(sim::language::DiskCommand& command) const {
    if (command.size_bytes) command.size_bytes = std::min(*command.size_bytes, disk_bytes_max);
    return !command.file;
  }
  bool operator()(sim::language::DmsetupCommand& command) const {
    // A table file, perhaps one that never ends.
    return std::none_of(command.arguments.begin(), command.arguments.end(), [](const std::string& word) {
      std::error_code error;
      return std::filesystem::exists(word, error) || error;
    });
  }
  bool operator()(sim::language::WriteCommand& command) const { return bound_count(command.count); }
  bool operator()(sim::language::ReadCommand& command) const { return bound_count(command.count); }
  bool operator()(sim::language::Sha256Command& command) const {
    if (command.whole) {
      command.count = io_sectors_max;
      command.sector = 0;
    }
    command.whole = false;
    return bound_count(command.count);
  }
  bool operator()(sim::language::LoadCommand&) const { return false; }
  bool operator()(sim::language::SaveCommand&) const { return false; }
  bool operator()(sim::language::SleepCommand& command) const {
    return bound_time(command.duration, sleep_max);
  }
  bool operator()(sim::language::UntilCommand& command) const {
    return bound_time(command.timeout, until_max);
  }
  template <class Other>
  bool operator()(Other&) const {
    return true;
  }

 private:
  static bool bound_count(std::int64_t& count) {
    count = std::min(count, io_sectors_max);
    return true;
  }
  static bool bound_time(dmcore::Duration& time, dmcore::Duration max) {
    time = std::min(time, max);
    return true;
  }
};

void bound(std::vector<sim::language::Command>& commands) {
  if (commands.size() > commands_max) commands.resize(commands_max);
  std::erase_if(commands, [](sim::language::Command& command) { return !std::visit(Bound(), command.body); });
}

Outcome run(std::span<const std::uint8_t> input) {
  Outcome outcome;
  const std::string_view text = as_text(input);
  sim::language::ParseResult parsed = sim::language::parse_scenario(text);
  for (const sim::language::Diagnostic& diagnostic : parsed.diagnostics)
    outcome.transcript += sim::language::format_diagnostic("-", text, diagnostic);
  if (!parsed.ok()) return outcome;
  bound(parsed.scenario.commands);

  test::Machine machine;
  machine.runtime().set_step_budget(steps_max);
  const auto see = [&](std::string_view line) {
    if (outcome.transcript.size() + line.size() < transcript_bytes_max)
      outcome.transcript.append(line).push_back('\n');
  };
  sim::scenario::Interpreter interpreter(machine, {}, see);
  interpreter.set_error_sink(see);
  const test::Ending ending = machine.ending_of([&] { interpreter.run(parsed.scenario.commands); });
  outcome.transcript += ending.report;
  if (ending.kind == test::Ending::Kind::stopped) outcome.finding = ending.report;
  return outcome;
}

// The recorded scenarios that are short, and some generated ones of each theme.
std::vector<Input> seeds() {
  constexpr std::uintmax_t bytes_max = 1500;
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(test::source_dir() / "tests/conformance")) {
    if (entry.path().extension() == ".dms" && entry.file_size() <= bytes_max) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Input> all;
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    all.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  for (const std::string_view theme : sim::generate::theme_names()) {
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      const std::string text = sim::generate::generate_scenario(seed, theme);
      if (text.size() <= bytes_max) all.push_back(as_input(text));
    }
  }
  return all;
}

// Whole lines: one goes, comes twice, changes places with another, or ends early.
void mutate(Input& input, sim::generate::Random& random) {
  std::vector<std::string> lines(1);
  for (const std::uint8_t byte : input) {
    lines.back() += static_cast<char>(byte);
    if (byte == '\n') lines.emplace_back();
  }
  const std::size_t at = random.below(lines.size());
  const std::size_t other = random.below(lines.size());
  switch (random.below(4)) {
    case 0:
      lines[at].clear();
      break;
    case 1:
      lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(other), std::string(lines[at]));
      break;
    case 2:
      std::swap(lines[at], lines[other]);
      break;
    default:
      lines[at] = lines[at].substr(0, random.below(lines[at].size() + 1)) + "\n";
      break;
  }
  input.clear();
  for (const std::string& line : lines) input.insert(input.end(), line.begin(), line.end());
}

}  // namespace

Target scenario_target() {
  return {.name = "scenario", .run = run, .seeds = seeds, .mutate = mutate};
}

}  // namespace fuzz
