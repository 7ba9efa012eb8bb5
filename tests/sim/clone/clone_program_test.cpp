// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim clone, as a person meets it: its statuses, and what it says.
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <regex>

#include "tests/sim/cli/dmsim_program.h"

namespace {

namespace fs = std::filesystem;
using test::Ended;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class CloneProgram : public testing::Test {
 protected:
  CloneProgram() : source_(256 * 1024, '\0') {
    std::mt19937 random(1);
    for (char& byte : source_) byte = static_cast<char>(random());
    dmsim_.file("source", source_);
  }
  Ended clone(std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {"clone", "source", "copy"});
    return dmsim_.run(options);
  }
  [[nodiscard]] bool exists(const std::string& name) const { return fs::exists(dmsim_.path_of(name)); }

  test::DmsimProgram dmsim_;
  std::string source_;
};

// Regions that an earlier run had committed; 0 if it does not say.
std::uint64_t resumed_regions(const Ended& ended) {
  std::smatch match;
  return std::regex_search(ended.out, match, std::regex(R"(resumed: (\d+) of )")) ? std::stoull(match[1]) : 0;
}

TEST_F(CloneProgram, MakesACopy) {
  const Ended ended = clone();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.err, "");
  EXPECT_TRUE(dmsim_.content_of("copy") == source_);
}

TEST_F(CloneProgram, CarriesTheTailOfASourceThatIsNoWholeNumberOfSectors) {
  for (const std::size_t bytes : {1U, 511U, 1000U, 5000U}) {
    dmsim_.file("source", source_.substr(0, bytes));
    const Ended ended = clone();
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_TRUE(dmsim_.content_of("copy") == source_.substr(0, bytes)) << bytes;
    EXPECT_THAT(ended.out, HasSubstr("bytes that are no whole sector"));
  }
}

TEST_F(CloneProgram, DoesNotTouchASourceThatIsTheDestination) {
  fs::create_hard_link(dmsim_.path_of("source"), dmsim_.path_of("copy"));
  const Ended ended = clone();
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err, "dmsim: source (SOURCE) and copy (DESTINATION) are the same file\n");
  EXPECT_TRUE(dmsim_.content_of("source") == source_);
}

TEST_F(CloneProgram, WithAThresholdOfZeroFailsInsteadOfWaitingForEver) {
  const Ended ended = clone({"--threshold", "0"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("with a hydration threshold of 0 (--threshold)"));
  EXPECT_FALSE(exists("copy"));
  EXPECT_FALSE(exists("copy.partial"));
}

TEST_F(CloneProgram, SaysWhyAFileOfTheHostCannotBeWritten) {
  const Ended ended = dmsim_.shell("ulimit -f 100; dmsim clone source copy");
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err, "dmsim: copy.partial: File too large\n");
  EXPECT_FALSE(exists("copy"));
  EXPECT_FALSE(exists("copy.partial"));
}

TEST_F(CloneProgram, LeavesNothingIfItsFilesCannotBeMade) {
  const Ended failed = dmsim_.shell("ulimit -f 100; dmsim clone source copy --metadata metadata");
  EXPECT_EQ(failed.status, 1);
  EXPECT_EQ(failed.err, "dmsim: copy.partial: File too large\n");
  EXPECT_FALSE(exists("copy.partial"));
  EXPECT_FALSE(exists("metadata"));
}

// A limit of the process stands for a full disk: the partial copy has its size, and writes fail.
TEST_F(CloneProgram, IsResumedWhenItsFilesCanBeWrittenAgain) {
  // Hydrates a part, then stops the machine.
  dmsim_.file("stop.dms", "sleep 1.5\ndmsetup suspend clone\nread clone 0 8\n");
  const std::vector<std::string> options = {"--metadata", "metadata",    "--source-bandwidth",
                                            "64K",        "--threshold", "1"};
  std::vector<std::string> stopping = options;
  stopping.insert(stopping.end(), {"--workload", "stop.dms"});
  ASSERT_EQ(clone(stopping).status, 3);

  const Ended failed = dmsim_.shell(
      "ulimit -f 400; dmsim clone source copy --metadata metadata --source-bandwidth 64K --threshold 1");
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.out, HasSubstr("\nresumed: "));
  EXPECT_THAT(failed.err,
              AllOf(StartsWith("dmsim: copy.partial: File too large ("),
                    HasSubstr("copy.partial and metadata are kept: the same command resumes the clone")));
  EXPECT_FALSE(exists("copy"));

  const Ended resumed = clone(options);
  EXPECT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_GT(resumed_regions(resumed), resumed_regions(failed));
  EXPECT_TRUE(dmsim_.content_of("copy") == source_);
  EXPECT_FALSE(exists("copy.partial"));
  EXPECT_FALSE(exists("metadata"));
}

TEST_F(CloneProgram, ShowsWhatTheWorkloadPrintsByFileAndLine) {
  dmsim_.file("work.dms", "write clone 2 2 A\nread clone 2 2\n");
  const Ended ended = clone({"--workload", "work.dms"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("work.dms:2: read clone 2 2\n    2-3 A\n"));
  EXPECT_THAT(ended.out, Not(HasSubstr("work.dms:1:")));
}

TEST_F(CloneProgram, WithAnExpectationThatIsNotMetFailsAndIsComplete) {
  dmsim_.file("work.dms", "write clone 0 8 A\nread clone 0 8\nexpect B\n");
  const Ended ended = clone({"--workload", "work.dms"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err, "dmsim: work.dms:3: not as expected: nothing in the output matches B\n");
  EXPECT_TRUE(exists("copy"));
}

TEST_F(CloneProgram, WithACommandThatFailsFailsAndIsComplete) {
  dmsim_.file("work.dms", "write clone 0 8 A\nread clone 1000000 8\n");
  const Ended ended = clone({"--workload", "work.dms"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err, "dmsim: work.dms:2: the command failed: short read at sector 1000000\n");
  EXPECT_TRUE(exists("copy"));
}

TEST_F(CloneProgram, WithACommandThatIsExpectedToFailSucceeds) {
  dmsim_.file("work.dms", "read clone 1000000 8\nexpect 'short read'\n");
  EXPECT_EQ(clone({"--workload", "work.dms"}).status, 0);
}

TEST_F(CloneProgram, WaitsForTheWorkloadsBackground) {
  dmsim_.file("work.dms", "read clone 0 8 &\nread clone 1000000 8 &\n");
  const Ended ended = clone({"--workload", "work.dms"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.out,
              HasSubstr("work.dms:2: read clone 1000000 8 '&'\n    short read at sector 1000000\n"));
  EXPECT_EQ(ended.err, "dmsim: work.dms:2: the command failed: short read at sector 1000000\n");
}

TEST_F(CloneProgram, TakesARegionSizeWithAUnit) {
  const Ended ended = clone({"--region-size", "16K"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, HasSubstr(" /dev/source 32 "));
}

TEST_F(CloneProgram, ComplainsOfOptionsByTheirNames) {
  const auto complaint = [this](const std::string& option, const std::string& value) {
    const Ended ended = clone({option, value});
    EXPECT_EQ(ended.status, 2);
    EXPECT_THAT(ended.err, HasSubstr(option)) << option << " " << value;
    EXPECT_THAT(ended.err, Not(HasSubstr("/dev/")));
  };
  complaint("--batch", "0");
  complaint("--region-size", "7");
  complaint("--region-size", "24");
  complaint("--region-size", "4194304");
  complaint("--region-size", "1MB");
  complaint("--threshold", "-1");
  complaint("--source-latency", "5");
  complaint("--source-bandwidth", "fast");
  EXPECT_FALSE(exists("copy.partial"));
}

TEST_F(CloneProgram, FailsWhereItMayNotCreateItsFiles) {
  const Ended ended = dmsim_.run({"clone", "source", "nosuch/copy"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err, "dmsim: nosuch/copy.partial: No such file or directory\n");
}

TEST_F(CloneProgram, SaysWhatEndsTheMachine) {
  dmsim_.file("work.dms", "dmsetup suspend clone\nread clone 0 8\n");
  const Ended ended = clone({"--workload", "work.dms"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, AllOf(HasSubstr("the machine stopped"), HasSubstr("copy.partial is removed")));
  EXPECT_FALSE(exists("copy.partial"));
}

}  // namespace
