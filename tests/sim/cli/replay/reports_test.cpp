// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim replay --json and --junit, read back as other programs do.
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sstream>

#include "tests/sim/cli/replay/replay_program.h"

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Ended;
using test::ReplayProgram;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

struct ReplayJson : ReplayProgram {
  static std::vector<json> objects(const std::string& text) {
    std::vector<json> found;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) found.push_back(json::parse(line));
    return found;
  }
};

TEST_F(ReplayJson, HasAnObjectForEachRunAndOneForAll) {
  const Ended ended = replay({"--json", "passed.dms", "failed.dms", "mistake.dms", "stopped.dms"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_EQ(ended.err, "");
  const std::vector<json> results = objects(ended.out);
  ASSERT_EQ(results.size(), 5U);
  EXPECT_EQ(results[0], (json{{"file", "passed.dms"}, {"result", "passed"}}));
  EXPECT_EQ(results[1], (json{{"file", "failed.dms"},
                              {"result", "failed"},
                              {"line", 3},
                              {"reason", "not as expected: nothing in the output matches A"},
                              {"report", failed_report}}));
  EXPECT_EQ(results[2]["result"], "mistake");
  EXPECT_EQ(results[2]["line"], 2);
  EXPECT_EQ(results[3]["result"], "stopped");
  EXPECT_THAT(results[3]["report"].get<std::string>(), HasSubstr("waits for wait queue 'I/O'"));
  EXPECT_EQ(
      results[4],
      (json{{"summary", {{"passed", 1}, {"failed", 1}, {"mistake", 1}, {"stopped", 1}, {"not_run", 0}}}}));
}

TEST_F(ReplayJson, HasTranscriptsOnRequest) {
  EXPECT_EQ(objects(replay({"--json", "-v", "passed.dms"}).out)[0]["transcript"], passed_transcript);
}

TEST_F(ReplayJson, NamesTheSeed) {
  const std::uint64_t seed = first_failing_seed();
  ASSERT_GT(seed, 1U);
  const std::vector<json> results = objects(replay({"--json", "--seeds", "1-100", "race.dms"}).out);
  ASSERT_EQ(results.size(), seed + 1);
  EXPECT_EQ(results[seed - 2]["result"], "passed");
  EXPECT_EQ(results[seed - 1]["seed"], seed);
  EXPECT_EQ(results[seed - 1]["result"], "failed");
  EXPECT_EQ(results[seed]["summary"]["not_run"], 100 - seed);
}

TEST_F(ReplayJson, NamesOfFilesMayBeAnyBytes) {
  dmsim_.file("a\"\\\xff\n.dms", passed);
  const std::vector<json> results = objects(replay({"--json", "a\"\\\xff\n.dms"}).out);
  ASSERT_FALSE(results.empty());
  EXPECT_EQ(results[0]["file"], "a\"\\\xEF\xBF\xBD\n.dms");
}

TEST_F(ReplayJson, FailsIfItCannotBeWritten) {
  const Ended ended = dmsim_.run({"replay", "--json", "passed.dms"}, ">/dev/full");
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err, "dmsim: cannot write standard output: No space left on device\n");
}

struct ReplayJunit : ReplayProgram {
  pugi::xml_node suite(const std::string& file) {
    const pugi::xml_parse_result parsed = document_.load_file(dmsim_.path_of(file).c_str());
    EXPECT_TRUE(parsed) << parsed.description();
    return document_.child("testsuites").child("testsuite");
  }

  pugi::xml_document document_;
};

TEST_F(ReplayJunit, HasACaseForEachRun) {
  fs::create_directories(dmsim_.path_of("folder"));
  dmsim_.file("folder/a.dms", passed);
  const Ended ended =
      replay({"--junit", "r.xml", "passed.dms", "failed.dms", "mistake.dms", "stopped.dms", "folder"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.out, StartsWith(failed_report));
  EXPECT_THAT(ended.out, EndsWith("stopped (stopped.dms:3)\n"));
  const pugi::xml_node all = suite("r.xml");
  EXPECT_EQ(all.attribute("tests").as_int(), 5);
  EXPECT_EQ(all.attribute("failures").as_int(), 1);
  EXPECT_EQ(all.attribute("errors").as_int(), 2);
  EXPECT_EQ(all.attribute("skipped").as_int(), 0);
  std::vector<std::string> names;
  for (const pugi::xml_node one : all.children("testcase"))
    names.push_back(std::string(one.attribute("classname").value()) + "|" + one.attribute("name").value());
  EXPECT_THAT(names, testing::ElementsAre(".|passed.dms", ".|failed.dms", ".|mistake.dms", ".|stopped.dms",
                                          "folder|a.dms"));
}

TEST_F(ReplayJunit, SaysWhereAndWhyACaseFailed) {
  replay({"--junit", "r.xml", "failed.dms"});
  const pugi::xml_node one = suite("r.xml").child("testcase");
  EXPECT_STREQ(one.attribute("file").value(), "failed.dms");
  EXPECT_EQ(one.attribute("line").as_int(), 3);
  EXPECT_STREQ(one.child("failure").attribute("message").value(),
               "not as expected: nothing in the output matches A");
  EXPECT_EQ(one.child("failure").text().get(), failed_report);
  EXPECT_EQ(one.child("system-out").text().get(), failed_transcript);
}

TEST_F(ReplayJunit, HasNoProblemInACaseThatPassed) {
  replay({"--junit", "r.xml", "passed.dms"});
  EXPECT_TRUE(suite("r.xml").child("testcase").first_child().empty());
}

TEST_F(ReplayJunit, IsXmlWhateverAScenarioPrints) {
  dmsim_.file("bytes.dms", "dmsetup create 'a<&]]>\x01' --table nosuch\nexpect '\x02\xff'\n");
  replay({"--junit", "r.xml", "bytes.dms"});
  EXPECT_EQ(suite("r.xml").attribute("tests").as_int(), 1);
  // pugixml takes what is no XML, such as control characters.
  const Ended strict = dmsim_.shell("python3 -c 'import xml.dom.minidom as dom; dom.parse(\"r.xml\")'");
  EXPECT_EQ(strict.status, 0) << strict.err;
}

TEST_F(ReplayJunit, GoesBesideJson) {
  const Ended ended = replay({"--json", "--junit", "r.xml", "passed.dms"});
  EXPECT_THAT(ended.out, StartsWith("{"));
  EXPECT_EQ(suite("r.xml").attribute("tests").as_int(), 1);
}

TEST_F(ReplayJunit, NothingRunsIfItCannotBeCreated) {
  const Ended ended = replay({"--junit", "nosuch/r.xml", "passed.dms"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out, "");
  EXPECT_EQ(ended.err, "dmsim: nosuch/r.xml: No such file or directory\n");
}

TEST_F(ReplayJunit, OntoAFullDeviceFails) {
  const Ended ended = replay({"--junit", "/dev/full", "passed.dms"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out, "1 passed\n");
  EXPECT_EQ(ended.err, "dmsim: /dev/full: No space left on device\n");
}

TEST_F(ReplayJunit, AnOldFileStaysIfTheNewOneCannotBeWritten) {
  dmsim_.file("r.xml", "old");
  dmsim_.file("long.dms", "disk d 1M\nread d 0 8\nexpect " + std::string(200'000, 'A') + "\n");
  const Ended ended = dmsim_.shell("ulimit -f 100; dmsim replay --junit r.xml long.dms >/dev/null");
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, StartsWith("dmsim: r.xml: "));
  EXPECT_EQ(dmsim_.content_of("r.xml"), "old");
}

}  // namespace
