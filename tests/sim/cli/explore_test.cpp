// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim explore crash: what it prints, its exit statuses, its checkpoints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include "tests/sim/cli/dmsim_program.h"

namespace {

using test::DmsimProgram;
using test::Ended;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string good =
    "disk loop0 4M\ndisk loop1 16\ndisk loop2 16\nwrite loop2 0 16 @S\nflush loop2\n"
    "dmsetup create c --table '0 16 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration'\n"
    "write c 0 8 @A\nflush c\n";
// A disk that lies about flushes loses what was flushed.
const std::string bad =
    "disk loop1 16 fault=lies\nflush loop1\ndmsetup create l --table '0 16 linear /dev/loop1 0'\n"
    "write l 8 8 @B\nwrite l 0 8 @A\nflush l\n";
const std::string bad_shortest =
    "disk loop1 16 fault=lies\ndmsetup create l --table '0 16 linear /dev/loop1 0'\nwrite l 8 8 @B\nflush "
    "l\n";

class Explore : public testing::Test {
 protected:
  Explore() {
    dmsim.file("good.dms", good);
    dmsim.file("bad.dms", bad);
  }
  Ended explore(std::vector<std::string> words) {
    words.insert(words.begin(), {"explore", "crash"});
    return dmsim.run(words);
  }
  DmsimProgram dmsim;
};

TEST_F(Explore, SaysThatAllHold) {
  const Ended ended = explore({"good.dms"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out, StartsWith("good.dms: "));
  EXPECT_THAT(ended.out, HasSubstr("complete, all hold\n1 scenario: 1 hold, 0 found"));
  EXPECT_THAT(ended.out, HasSubstr("\ncertificate: dmsim "));
}

TEST_F(Explore, ShowsTheShortestScenarioWithItsToken) {
  const Ended ended = explore({"bad.dms"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.out, HasSubstr("\ncontract: sector 8 of l may be zero; it must be @B\n"));
  EXPECT_THAT(ended.out, HasSubstr("repeats this:\n" + bad_shortest + "1 scenario: 0 hold, 1 found"));
  EXPECT_THAT(ended.out, HasSubstr("\nno certificate: "));
}

TEST_F(Explore, ATokenIsReplayedToTheByte) {
  const std::string out = explore({"--json", "bad.dms"}).out;
  const auto result = nlohmann::json::parse(out.substr(0, out.find('\n')));
  dmsim.file("shortest.dms", result["shortest"]);
  const Ended ended = dmsim.run({"replay", "shortest.dms", "--token", result["token"]});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out, result["report"]);
}

TEST_F(Explore, ATokenOfAnotherScenarioIsAMistake) {
  const Ended ended =
      dmsim.run({"replay", "good.dms", "--token", "cut1:000000000000:fifo:halves:3:contract:0:c"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err, "good.dms: the token is of another scenario\n");
}

TEST_F(Explore, ATokenMustBeOne) {
  const Ended ended = dmsim.run({"replay", "good.dms", "--token", "cut9:0"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err, "cut9:0: this is no token of a power cut, or one of another version\n");
}

TEST_F(Explore, GoesOnAfterAScenarioThatFails) {
  const Ended ended = explore({"-q", "bad.dms", "good.dms"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.out, HasSubstr("2 scenarios: 1 hold, 1 found"));
  EXPECT_THAT(ended.out, Not(HasSubstr("good.dms:")));
}

TEST_F(Explore, AMistakeInAScenarioIsSaidWithItsPlace) {
  dmsim.file("wrong.dms", "disk a 1M\nwrit a 0 8 A\n");
  const Ended ended = explore({"wrong.dms", "good.dms"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("wrong.dms:2:"));
  EXPECT_THAT(ended.out, HasSubstr("1 hold, 0 found, 0 ended, 1 wrong"));
}

TEST_F(Explore, AFileThatIsMissingIsAMistake) {
  const Ended ended = explore({"missing.dms"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("missing.dms"));
}

TEST_F(Explore, ABudgetEndsWithAStatusOfItsOwn) {
  const Ended ended = explore({"--budget", "3", "good.dms"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.out,
              HasSubstr("not complete, with 18 samples of what was left after the budget, all that was "
                        "looked at holds"));
  EXPECT_THAT(ended.out, HasSubstr("no certificate"));
}

TEST_F(Explore, ATimeThatIsOverEndsIt) {
  const Ended ended = explore({"--for", "1ms", "--generate", "1000000"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.out, HasSubstr("no certificate"));
}

TEST_F(Explore, ACheckpointGoesOn) {
  const std::vector<std::string> words = {"--generate", "40", "--operations", "5", "--checkpoint", "state"};
  const Ended all = explore({"--generate", "40", "--operations", "5"});
  EXPECT_EQ(all.status, 0);
  std::vector<std::string> timed = words;
  timed.insert(timed.end(), {"--for", "1ms"});
  EXPECT_EQ(explore(timed).status, 3);
  EXPECT_EQ(explore(words).out, all.out) << "with what came before added";
  EXPECT_EQ(explore(words).out, all.out) << "nothing is left to do";
}

TEST_F(Explore, ACheckpointIsOfOneExploration) {
  EXPECT_EQ(explore({"--generate", "3", "--checkpoint", "state"}).status, 0);
  const Ended ended = explore({"--generate", "4", "--checkpoint", "state"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err, "dmsim: state: this is the checkpoint of another exploration\n");
}

TEST_F(Explore, WhatIsNoCheckpointStays) {
  dmsim.file("state", "a letter\n");
  const Ended ended = explore({"--generate", "3", "--checkpoint", "state"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err, "dmsim: state: this is no checkpoint of an exploration\n");
  EXPECT_EQ(dmsim.content_of("state"), "a letter\n");
}

// Each workload is in one part.
TEST_F(Explore, PartsAreTheWholeTogether) {
  const auto count = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--every", "1", "--json"});
    const std::string out = explore(words).out;
    return std::count(out.begin(), out.end(), '\n') - 1;
  };
  EXPECT_EQ(count({}), 9);
  EXPECT_EQ(count({"--shard", "1/2"}), 5);
  EXPECT_EQ(count({"--shard", "2/2"}), 4);
}

TEST_F(Explore, TheNumberOfJobsChangesNothing) {
  const std::vector<std::string> words = {"--generate", "30", "--operations", "20", "--json"};
  std::vector<std::string> alone = words;
  alone.insert(alone.end(), {"--jobs", "1"});
  EXPECT_EQ(explore(words).out, explore(alone).out);
}

TEST_F(Explore, WritesJUnit) {
  EXPECT_EQ(explore({"--junit", "r.xml", "bad.dms", "good.dms"}).status, 1);
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(dmsim.content_of("r.xml").c_str()));
  const pugi::xml_node suite = document.child("testsuites").child("testsuite");
  EXPECT_EQ(suite.attribute("tests").as_int(), 2);
  EXPECT_EQ(suite.attribute("failures").as_int(), 1);
  EXPECT_THAT(suite.child("testcase").child("failure").attribute("message").value(), StartsWith("cut1:"));
}

TEST_F(Explore, AnOracleCanBeLeftOut) {
  const Ended ended = explore({"--no-contract", "bad.dms"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out,
              HasSubstr("oracles starts,metadata,hydrated,source,committed,stable,complete,expect\n"));
}

TEST_F(Explore, NeedsSomethingToExplore) {
  EXPECT_EQ(explore({}).status, 2);
  EXPECT_EQ(explore({"--every", "1", "good.dms"}).status, 2);
  EXPECT_EQ(dmsim.run({"explore", "luck", "good.dms"}).status, 2);
}

}  // namespace
