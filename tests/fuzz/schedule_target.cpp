// SPDX-License-Identifier: GPL-2.0-or-later
// Schedules: an input is a workload and who takes each step (schedule_input.h), and what `dmsim explore
// schedules` calls wrong must not be. A finding has the scenario, and the token with which `dmsim replay`
// repeats it.
//
// DMSIM_FUZZ_DEFECT puts a defect in, to see that it is found.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "sim/defects/catalogue.h"
#include "sim/schedules/schedules.h"

#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/schedule_input.h"
#include "tests/support/source_tree.h"

namespace fuzz {
namespace {

// Of an input that is changed here; none of those that are worth keeping needs more.
constexpr std::size_t choices_max = 64;

dmcore::Defects defects_to_find() {
  dmcore::Defects defects;
  if (const char* name = std::getenv("DMSIM_FUZZ_DEFECT"); name != nullptr) {
    const auto defect = sim::defect_named(name);
    if (!defect)
      throw std::invalid_argument(fmt::format("DMSIM_FUZZ_DEFECT={}: there is no such defect", name));
    defects.put_in(*defect);
  }
  return defects;
}

Outcome run(std::span<const std::uint8_t> input) {
  static const dmcore::Defects defects = defects_to_find();
  const ScheduleRun run = run_schedule(input, defects);
  Outcome outcome;
  outcome.features = run.access_pairs;
  outcome.transcript = run.scenario;
  for (const sim::schedules::Deviation& deviation : run.result.deviations)
    outcome.transcript += fmt::format("{}\n", to_string(deviation));
  outcome.transcript += fmt::format("{} steps\n", run.result.steps);
  if (!run.result.failure) return outcome;
  outcome.finding = fmt::format("{}`dmsim replay FILE --token {}` repeats it, FILE being:\n{}",
                                describe(*run.result.failure), run.token, run.scenario);
  return outcome;
}

// Each workload in turn, and the inputs in tests/fuzz/corpus/schedule, which cover other orders.
std::vector<Input> seeds() {
  std::vector<Input> all;
  for (std::size_t i = 0; i < schedule_workloads().size(); ++i) all.push_back({static_cast<std::uint8_t>(i)});
  const auto folder = test::source_dir() / "tests/fuzz/corpus/schedule";
  std::vector<std::filesystem::path> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    all.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return all;
}

// Whole choices: one goes, one is put in, one changes, or the workload is another.
void mutate(Input& input, sim::generate::Random& random) {
  if (input.empty()) input.push_back(0);
  const std::size_t choices = (input.size() - 1) / 2;
  const auto at = input.begin() + 1 + static_cast<std::ptrdiff_t>(2 * random.below(choices + 1));
  const auto byte = [&random] { return static_cast<std::uint8_t>(random.below(256)); };
  // Mostly the first or the second of the others: there are seldom more.
  const auto goes = [&random] { return static_cast<std::uint8_t>(random.below(4)); };
  switch (random.below(choices == 0 ? 2 : 4)) {
    case 0:
      input[0] = byte();
      break;
    case 1:
      if (choices < choices_max) input.insert(at, {byte(), goes()});
      break;
    case 2:
      if (at + 1 < input.end()) input.erase(at, at + 2);
      break;
    default:
      if (at + 1 >= input.end()) break;
      at[0] = byte();
      at[1] = goes();
      break;
  }
}

}  // namespace

Target schedule_target() {
  return {.name = "schedule", .run = run, .seeds = seeds, .mutate = mutate};
}

}  // namespace fuzz
