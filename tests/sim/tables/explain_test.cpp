// SPDX-License-Identifier: GPL-2.0-or-later
// What explain says of a line is what the kernel did with it: the recording is the judge.
#include "sim/tables/explain.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "sim/machine/machine.h"
#include "sim/scenario/interpreter.h"

#include "tests/support/source_tree.h"

namespace {

using namespace sim::tables;

// A table of the recording, and the kernel's lines about it; none if it was taken.
struct Recorded {
  std::string table;
  std::vector<std::string> log;
};

std::vector<Recorded> recording(const std::string& name) {
  std::ifstream in(test::source_dir() / "tests/conformance" / (name + ".expected"));
  const std::string create = "> dmsetup create c --table '";
  const std::string log = "log: ";
  std::vector<Recorded> found;
  bool in_table = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(create)) {
      found.emplace_back();
      in_table = true;
      line.erase(0, create.size());
    } else if (line.starts_with(log) && !found.empty()) {
      found.back().log.push_back(line.substr(log.size()));
      continue;
    }
    if (!in_table) continue;
    in_table = !line.ends_with('\'');
    if (!in_table) line.pop_back();
    found.back().table += line + "\n";
  }
  return found;
}

Explanation explain_text(const std::string& text) {
  Request request;
  request.name = "c";
  request.text = text;
  // The recording's disks.
  request.lists.emplace_back("l", "loop0 7:0 1048576\nloop1 7:1 2097152\nloop2 7:2 1048576\n");
  sim::Machine machine;
  sim::scenario::Interpreter interpreter(machine, {.directory = {}, .save_directory = {}, .echo = false},
                                         [](std::string_view) {});
  Explanation explanation;
  interpreter.with_bench([&](Bench& bench) { explanation = explain(request, bench); });
  return explanation;
}

// What explain quotes of the kernel.
std::vector<std::string> quoted(const std::string& text) {
  const std::string kind = ": refused: ";
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (const auto at = line.find(kind); at != std::string::npos)
      lines.push_back(line.substr(at + kind.size()));
  }
  return lines;
}

TEST(TablesExplain, RefusesWhatTheKernelRefusedInItsWords) {
  const std::vector<Recorded> cases = recording("targets/refused-lines");
  ASSERT_GT(cases.size(), 20U);
  for (const Recorded& each : cases) {
    SCOPED_TRACE(each.table);
    const Explanation explanation = explain_text(each.table);
    EXPECT_TRUE(explanation.refused);
    EXPECT_EQ(quoted(explanation.text), each.log);
  }
}

TEST(TablesExplain, TakesWhatTheKernelTakes) {
  for (const char* table :
       {"0 2048 clone 7:0 7:1 7:2 8", "0 2048 clone 7:0 7:1 7:2 8 1 no_hydration",
        "0 2048 clone 7:0 7:1 7:2 8 0 2 hydration_threshold 2", "0 2048 linear 7:1 0",
        "0 2048 striped 2 8 7:0 0 7:1 0", "0 2048 delay 7:1 0 5", "0 2048 dust 7:1 0 512", "0 8 zero"}) {
    SCOPED_TRACE(table);
    const Explanation explanation = explain_text(table);
    EXPECT_FALSE(explanation.refused) << explanation.text;
    EXPECT_TRUE(quoted(explanation.text).empty());
  }
}

TEST(TablesExplain, TwoClonesOnOneMetadataDeviceAreARisk) {
  const std::string same = "has the same metadata device";
  const std::string one = "a: 0 1024 clone 7:0 7:1 7:2 8 1 no_hydration\n";
  EXPECT_EQ(explain_text(one).text.find(same), std::string::npos);
  const std::string text = explain_text(one + "b: 0 1024 clone 7:0 7:3 7:4 8 1 no_hydration\n").text;
  EXPECT_NE(text.find("c:1: risk: b " + same), std::string::npos) << text;
  EXPECT_NE(text.find("c:2: risk: a " + same), std::string::npos) << text;
}

}  // namespace
