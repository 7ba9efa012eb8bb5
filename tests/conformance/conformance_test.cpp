// SPDX-License-Identifier: GPL-2.0-or-later
// Every recorded scenario gives the transcript that the reference kernel printed, byte for byte.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "sim/scenario/replay.h"

#include "tests/support/markdown.h"
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

// Files of one kind, without the extension: "clone/reopen".
std::vector<std::string> files(const std::string& extension) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(recorded)) {
    if (entry.path().extension() != extension) continue;
    names.push_back(fs::relative(entry.path(), recorded).replace_extension().generic_string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

sim::scenario::ReplayResult replay(const std::string& name, sim::scenario::ReplayOptions options = {}) {
  const fs::path file = recorded / (name + ".dms");
  options.name = file.filename().string();
  options.directory = file.parent_path().string();
  options.save_directory = testing::TempDir();
  return sim::scenario::replay(content_of(file), options);
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

// The first choice, always.
class First final : public sim::SeeingStrategy {
 public:
  [[nodiscard]] sim::Wants wants() const override { return {.time = true, .disk_order = true}; }
  std::size_t choose(const sim::Situation&) override { return 0; }
};

// Short runs: the long ones have nothing more to choose.
class ShortConformance : public Conformance {};

TEST_P(ShortConformance, AlwaysTheFirstChoiceIsFirstInFirstOut) {
  sim::scenario::ReplayOptions options;
  options.strategy = [] { return std::make_unique<First>(); };
  EXPECT_EQ(replay(GetParam(), options).transcript, content_of(recorded / (GetParam() + ".expected")));
}

TEST_P(ShortConformance, AnObserverChangesNothing) {
  class Counter final : public sim::Observer {
   public:
    void took_step(const sim::Choice&, dmcore::Time) override { ++steps; }
    std::uint64_t steps = 0;
  } counter;
  sim::scenario::ReplayOptions options;
  options.prepare = [&](sim::Machine& machine) { machine.runtime().set_observer(counter); };
  EXPECT_EQ(replay(GetParam(), options).transcript, content_of(recorded / (GetParam() + ".expected")));
  EXPECT_GT(counter.steps, 0U);
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

std::vector<std::string> short_files() {
  constexpr std::uintmax_t short_bytes = 8192;
  std::vector<std::string> names = files(".dms");
  std::erase_if(names, [&](const std::string& name) {
    return fs::file_size(recorded / (name + ".expected")) > short_bytes;
  });
  return names;
}

INSTANTIATE_TEST_SUITE_P(Recorded, Conformance, testing::ValuesIn(files(".dms")), test_name);
INSTANTIATE_TEST_SUITE_P(Recorded, ShortConformance, testing::ValuesIn(short_files()), test_name);

TEST(ConformanceFolders, EachScenarioHasATranscriptAndEachTranscriptAScenario) {
  EXPECT_EQ(files(".dms"), files(".expected"));
}

TEST(ConformanceFolders, EachScenarioBeginsWithACommentThatSaysWhatItCovers) {
  for (const std::string& name : files(".dms")) {
    EXPECT_TRUE(content_of(recorded / (name + ".dms")).starts_with("# ")) << name;
  }
}

TEST(ConformanceFolders, ANameOccursOnce) {
  std::map<std::string, std::string> seen;
  for (const std::string& name : files(".dms")) {
    const auto [other, is_new] = seen.emplace(fs::path(name).filename().string(), name);
    EXPECT_TRUE(is_new) << name << " and " << other->second;
  }
}

TEST(ConformanceFolders, TheFoldersAreThoseThatTheirPageExplains) {
  std::set<std::string> explained;
  for (const test::Table& table : test::tables(test::read_page("tests/conformance/README.md"))) {
    if (table.header.at(0) != "folder") continue;
    for (const test::Table::Row& row : table.rows) explained.insert(test::code_spans(row.cells.at(0)).at(0));
  }
  std::set<std::string> used;
  for (const std::string& name : files(".dms")) used.insert(fs::path(name).parent_path().string() + "/");
  EXPECT_EQ(used, explained);
}

}  // namespace
