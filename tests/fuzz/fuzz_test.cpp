// SPDX-License-Identifier: GPL-2.0-or-later
// The fuzz targets without a fuzzer: their seeds, every input that once was taken badly, and a short random
// run that is the same each time; DMSIM_FUZZ_RUNS makes it longer, DMSIM_FUZZ_SEED another one.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>

#include "tests/fuzz/fuzz_target.h"
#include "tests/support/source_tree.h"

namespace {

using fuzz::Input;
using fuzz::Target;

class FuzzTarget : public testing::TestWithParam<Target> {};

INSTANTIATE_TEST_SUITE_P(Each, FuzzTarget, testing::ValuesIn(fuzz::targets()),
                         [](const auto& info) { return std::string(info.param.name); });

std::vector<std::filesystem::path> regressions_of(const Target& target) {
  const auto folder = test::source_dir() / "tests/fuzz/regressions" / target.name;
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::exists(folder)) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

// Bytes: some change, one goes, some are put in.
void mutate_bytes(Input& input, sim::generate::Random& random) {
  if (input.empty()) input.push_back(0);
  const std::size_t at = random.below(input.size());
  switch (random.below(3)) {
    case 0:
      input[at] = static_cast<std::uint8_t>(random.below(256));
      break;
    case 1:
      input.erase(input.begin() + static_cast<std::ptrdiff_t>(at));
      break;
    default:
      input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), random.between(1, 4),
                   static_cast<std::uint8_t>(random.below(256)));
      break;
  }
}

TEST_P(FuzzTarget, TakesItsSeeds) {
  const std::vector<Input> seeds = GetParam().seeds();
  ASSERT_FALSE(seeds.empty());
  for (std::size_t i = 0; i < seeds.size(); ++i)
    EXPECT_EQ(GetParam().run(seeds[i]).finding, "") << "seed " << i;
}

TEST_P(FuzzTarget, TakesWhatItOnceTookBadly) {
  for (const auto& path : regressions_of(GetParam())) {
    std::ifstream file(path, std::ios::binary);
    const Input input{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    EXPECT_EQ(GetParam().run(input).finding, "") << path;
  }
}

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST_P(FuzzTarget, TakesRandomChangesTheSameWayEachTime) {
  const std::uint64_t runs = setting("DMSIM_FUZZ_RUNS", 300);
  const std::uint64_t seed = setting("DMSIM_FUZZ_SEED", 2019);
  SCOPED_TRACE("repeated by DMSIM_FUZZ_SEED=" + std::to_string(seed) +
               " DMSIM_FUZZ_RUNS=" + std::to_string(runs));
  constexpr std::uint64_t changes_max = 6;
  const std::vector<Input> seeds = GetParam().seeds();
  sim::generate::Random random(seed);
  for (std::uint64_t i = 0; i < runs; ++i) {
    Input input = random.pick(seeds);
    for (std::uint64_t n = random.between(1, changes_max); n > 0; --n) {
      if (GetParam().mutate != nullptr && random.chance(60)) {
        GetParam().mutate(input, random);
      } else {
        mutate_bytes(input, random);
      }
    }
    const fuzz::Outcome outcome = GetParam().run(input);
    ASSERT_EQ(outcome.finding, "") << testing::PrintToString(std::string(fuzz::as_text(input)));
    ASSERT_EQ(GetParam().run(input).transcript, outcome.transcript)
        << testing::PrintToString(std::string(fuzz::as_text(input)));
  }
}

}  // namespace
