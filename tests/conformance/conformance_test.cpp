// SPDX-License-Identifier: GPL-2.0-or-later
// Every recorded scenario gives the transcript that the reference kernel printed, byte for byte.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <vector>

#include "sim/scenario/replay.h"

#include "tests/support/source_tree.h"

namespace {

namespace fs = std::filesystem;

const fs::path recorded = test::source_dir() / "tests" / "conformance";

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> scenarios() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(recorded)) {
    if (entry.path().extension() == ".dms") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

sim::scenario::ReplayResult replay(const std::string& name) {
  sim::scenario::ReplayOptions options;
  options.name = name + ".dms";
  options.directory = recorded.string();
  options.save_directory = testing::TempDir();
  return sim::scenario::replay(content_of(recorded / options.name), options);
}

class Conformance : public testing::TestWithParam<std::string> {};

TEST_P(Conformance, TranscriptIsTheKernels) {
  const auto result = replay(GetParam());
  EXPECT_EQ(result.outcome, sim::scenario::ReplayOutcome::ok) << result.complaint;
  EXPECT_EQ(result.transcript, content_of(recorded / (GetParam() + ".expected")));
}

TEST_P(Conformance, TwoRunsAreTheSameToTheByte) {
  EXPECT_EQ(replay(GetParam()).transcript, replay(GetParam()).transcript);
}

INSTANTIATE_TEST_SUITE_P(Recorded, Conformance, testing::ValuesIn(scenarios()), [](const auto& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
});

}  // namespace
