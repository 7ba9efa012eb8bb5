// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim explore --split, --part and --merge.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/sim/cli/dmsim_program.h"

namespace {

using test::DmsimProgram;
using test::Ended;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Words = std::vector<std::string>;

const std::string clone_and_writes =
    "disk m 4M\ndisk d 16\ndisk s 16\n"
    "dmsetup create c --table '0 16 clone /dev/m /dev/d /dev/s 8 1 no_hydration'\n"
    "write c 0 1 @A &\nwrite c 4 2 @B &\nwait\n";

class ExploreParts : public testing::Test {
 protected:
  ExploreParts() { dmsim.file("writes.dms", clone_and_writes); }

  Ended explore(const Words& what, const Words& more) {
    Words words = {"explore", "schedules"};
    words.insert(words.end(), what.begin(), what.end());
    words.insert(words.end(), more.begin(), more.end());
    return dmsim.run(words);
  }
  Words split(const Words& what, int parts) {
    const Ended ended = explore(what, {"--split", std::to_string(parts)});
    EXPECT_EQ(ended.status, 0) << ended.err;
    Words lines;
    for (std::size_t at = 0; at < ended.out.size();) {
      const std::size_t end = ended.out.find('\n', at);
      lines.push_back(ended.out.substr(at, end - at));
      at = end + 1;
    }
    return lines;
  }
  // The files of their results.
  Words explore_parts(const Words& what, const Words& parts) {
    Words results;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      results.push_back("result" + std::to_string(i));
      explore(what, {"--part", parts[i], "--result", results.back()});
    }
    return results;
  }
  Ended merge(Words results) {
    results.insert(results.begin(), {"explore", "schedules", "--merge"});
    return dmsim.run(results);
  }
  DmsimProgram dmsim;
};

const Words few = {"writes.dms", "--engine", "few", "--deviations", "1", "--quiet"};
const Words scenarios = {"--generate", "12", "--budget", "10", "--quiet"};

TEST_F(ExploreParts, PartsOfOneScenarioHaveTheSchedulesOfTheWholeBetweenThem) {
  const Words parts = split(few, 5);
  ASSERT_EQ(parts.size(), 5U);
  const Ended merged = merge(explore_parts(few, parts));
  EXPECT_EQ(merged.status, 0) << merged.err;
  EXPECT_EQ(merged.out,
            explore(few, {}).out + "merged from 5 parts of one exploration, of which each is there once\n");
}

TEST_F(ExploreParts, PartsOfManyScenariosHaveThemAllBetweenThem) {
  const Ended merged = merge(explore_parts(scenarios, split(scenarios, 5)));
  EXPECT_EQ(merged.out, explore(scenarios, {}).out +
                            "merged from 5 parts of one exploration, of which each is there once\n");
  EXPECT_EQ(merged.status, 3);
}

TEST_F(ExploreParts, MorePartsThanScenariosAreNoMistake) {
  const Words two = {"--generate", "2", "--budget", "5", "--quiet"};
  const Ended merged = merge(explore_parts(two, split(two, 3)));
  EXPECT_THAT(merged.out, StartsWith("2 scenarios: "));
}

TEST_F(ExploreParts, AMissingPartIsNamedAndThereIsNoCertificate) {
  Words results = explore_parts(few, split(few, 3));
  results.erase(results.begin() + 1);
  const Ended merged = merge(results);
  EXPECT_EQ(merged.status, 3);
  EXPECT_EQ(merged.err, "dmsim: 1 of 3 parts are missing: 2\n");
  EXPECT_THAT(merged.out, HasSubstr("\nno certificate: "));
}

TEST_F(ExploreParts, ThePartThatIsThereTwiceIsRefused) {
  Words results = explore_parts(few, split(few, 2));
  results.push_back(results.front());
  const Ended merged = merge(results);
  EXPECT_EQ(merged.status, 2);
  EXPECT_EQ(merged.err, "dmsim: result0 and result0: both are part 1\n");
}

TEST_F(ExploreParts, PartsOfDifferentExplorationsAreRefused) {
  const Words parts = split(few, 2);
  explore(few, {"--part", parts[0], "--result", "one"});
  Words other = few;
  other[4] = "0";
  explore(other, {"--part", split(other, 2)[1], "--result", "two"});
  const Ended merged = merge({"one", "two"});
  EXPECT_EQ(merged.status, 2);
  EXPECT_THAT(merged.err, HasSubstr("these are parts of different explorations"));
}

TEST_F(ExploreParts, APartOfAnotherScenarioIsRefused) {
  const Words parts = split(few, 2);
  dmsim.file("writes.dms", clone_and_writes + "\n");
  const Ended ended = explore(few, {"--part", parts[0]});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("--part: this is a part of another exploration"));
}

TEST_F(ExploreParts, WhatIsNoPartIsRefused) {
  for (const char* text : {"", "part1", "part1:0/2:a-b", "part1:3/2:a-b", "part2:1/2:a-b", "part1:1/2:"}) {
    EXPECT_EQ(explore(few, {"--part", text}).status, 2) << text;
  }
}

TEST_F(ExploreParts, OneScenarioIsDividedOnlyWithTheEngineForIt) {
  const Ended ended = explore({"writes.dms", "--engine", "dpor"}, {"--split", "2"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("say `--engine few`"));
}

TEST_F(ExploreParts, AFailureInAPartIsFoundInTheWhole) {
  Words broken = few;
  broken.insert(broken.end(), {"--defect", "write-past-copy"});
  const Ended merged = merge(explore_parts(broken, split(broken, 3)));
  EXPECT_EQ(merged.status, 1);
  EXPECT_THAT(merged.out, HasSubstr("reads: sector 4 of c holds zero, and must hold @B"));
  EXPECT_THAT(merged.out, HasSubstr("1 scenario: 0 hold, 1 found"));
}

TEST_F(ExploreParts, APartThatTheBudgetHasEndedIsNamed) {
  Words short_of = few;
  short_of.insert(short_of.end(), {"--budget", "3"});
  const Ended merged = merge(explore_parts(short_of, split(short_of, 2)));
  EXPECT_EQ(merged.status, 3);
  EXPECT_THAT(merged.err, HasSubstr("dmsim: result1: this part has not come to its end\n"));
  EXPECT_THAT(merged.out, Not(HasSubstr("\ncertificate: ")));
}

TEST_F(ExploreParts, WhatIsNoResultIsRefused) {
  const Ended merged = merge({"writes.dms"});
  EXPECT_EQ(merged.status, 2);
  EXPECT_EQ(merged.err, "dmsim: writes.dms: this is no result of a part of an exploration\n");
}

TEST_F(ExploreParts, AMergeIsJsonOnRequest) {
  Words results = explore_parts(few, split(few, 2));
  results.insert(results.begin(), "--json");
  const auto summary = nlohmann::json::parse(merge(results).out);
  EXPECT_EQ(summary["complete"], true);
  EXPECT_EQ(summary["summary"]["holds"], 1);
}

// Three processes at once: one is killed, one is asked to end, and one comes to its end, unless they are so
// fast that all do. Then all are started once more, as a queue of jobs does: how far each had come makes no
// difference.
TEST_F(ExploreParts, PartsThatWereKilledAreResumed) {
  const Words long_ones = {"--generate", "24", "--budget", "40", "--quiet"};
  const Words parts = split(long_ones, 3);
  ASSERT_EQ(parts.size(), 3U);
  const std::vector<std::string> limits = {"timeout -s KILL 0.05 ", "timeout -s TERM 0.2 ", ""};
  const std::string command =
      "'" + DmsimProgram::path() + "' explore schedules --generate 24 --budget 40 --quiet";
  std::string script;
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    lines.push_back(
        fmt::format("{0} --part {1} --checkpoint state{2} --result result{2}", command, parts[i], i));
    script += fmt::format("{}{} >/dev/null 2>&1 &\n", limits[i], lines.back());
  }
  EXPECT_EQ(dmsim.shell(script + "wait").status, 0);
  for (const std::string& line : lines) EXPECT_EQ(dmsim.shell(line).status, 3);
  EXPECT_EQ(
      merge({"result0", "result1", "result2"}).out,
      explore(long_ones, {}).out + "merged from 3 parts of one exploration, of which each is there once\n");
}

}  // namespace
