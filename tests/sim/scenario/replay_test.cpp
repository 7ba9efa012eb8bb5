// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/scenario/replay.h"

#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <sys/resource.h>

namespace sim::scenario {
namespace {

using language::SourcePosition;

TEST(Replay, SaysWhereTheFirstMistakeIs) {
  const ReplayResult result = replay("dmsetup frobnicate\nsleep 1\n slep 1\nslep 1");
  EXPECT_EQ(result.outcome, ReplayOutcome::mistake);
  EXPECT_EQ(result.where, (SourcePosition{3, 2}));
}

TEST(Replay, SaysWhichExpectWasNotMetFirst) {
  const ReplayResult result = replay("disk a 1M\nread a 0 8\nexpect zero\nexpect A\nexpect B");
  EXPECT_EQ(result.outcome, ReplayOutcome::mismatch);
  EXPECT_EQ(result.where, (SourcePosition{4, 1}));
}

TEST(Replay, SaysWhichCommandStoppedTheMachine) {
  ReplayOptions options;
  options.name = "f.dms";
  const ReplayResult result = replay(
      "dmsetup create a --table '0 8 zero'\ndmsetup suspend a\n\nread a 0 8 # for ever\nsleep 1", options);
  EXPECT_EQ(result.outcome, ReplayOutcome::stopped);
  EXPECT_EQ(result.where, (SourcePosition{4, 1}));
  EXPECT_TRUE(result.complaint.starts_with("f.dms:4: the machine stopped: deadlock")) << result.complaint;
}

TEST(Replay, KeepsNoTranscriptThatIsTakenLineByLine) {
  std::string taken;
  ReplayOptions options;
  options.on_line = [&taken](std::string_view line) { taken.append(line).push_back('\n'); };
  EXPECT_EQ(replay("sleep 1", options).transcript, "");
  EXPECT_EQ(taken, "> sleep 1\n");
}

TEST(Replay, WaitsAtTheEndForWhatRunsInTheBackground) {
  const ReplayResult result = replay(
      "disk a 1M read_latency=1s\ndmsetup create b --table '0 8 zero'\nread a 0 8 &\ndmsetup create b "
      "--notable &\n"
      "sleep 0");
  EXPECT_EQ(result.outcome, ReplayOutcome::ok);
  EXPECT_EQ(result.complaint, "");
  EXPECT_TRUE(result.transcript.ends_with("> sleep 0\n0-7 zero\nexit 1\n")) << result.transcript;
}

TEST(Replay, DoesNotWaitAtTheEndForEver) {
  ReplayOptions options;
  options.name = "f.dms";
  const ReplayResult result =
      replay("dmsetup create a --table '0 8 zero'\ndmsetup suspend a\nread a 0 8 &\nsleep 1000 &\nsleep 50 &",
             options);
  EXPECT_EQ(result.outcome, ReplayOutcome::ok);
  constexpr std::string_view why =
      ": warning: still running in the background a minute after the last command; what it prints is lost\n";
  EXPECT_EQ(result.complaint, "f.dms:3" + std::string(why) + "f.dms:4" + std::string(why));
}

TEST(Replay, NamesTheFileThatTheHostCannotUse) {
  ReplayOptions options;
  options.name = "f.dms";
  options.directory = "/nosuch";
  EXPECT_EQ(replay("disk a file=image", options).complaint,
            "f.dms:1: /nosuch/image: No such file or directory\n");
}

TEST(Replay, AnErrorOfTheHostIsUnexpected) {
  const ReplayResult result = replay("sleep 1\ndisk a file=/nosuch/image");
  EXPECT_EQ(result.outcome, ReplayOutcome::mismatch);
  EXPECT_EQ(result.where.line, 2);
  EXPECT_EQ(result.reason, "/nosuch/image: No such file or directory");
}

TEST(Replay, AnErrorOfTheHostMayBeExpected) {
  const ReplayResult result = replay("disk a file=/nosuch/image\nexpect ENOENT");
  EXPECT_EQ(result.outcome, ReplayOutcome::ok);
  EXPECT_EQ(result.complaint, "-:1: /nosuch/image: No such file or directory\n");
}

// A disk of more bytes than there are.
TEST(Replay, SaysThatMemoryRanOut) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "AddressSanitizer takes any amount of addresses";
#endif
  const auto run_with_little_memory = [] {
    constexpr rlim_t bytes = rlim_t{500} << 20;
    const struct rlimit limit = {.rlim_cur = bytes, .rlim_max = bytes};
    setrlimit(RLIMIT_AS, &limit);
    ReplayOptions options;
    options.name = "f.dms";
    const ReplayResult result = replay("disk a 8G\nwrite a 0 16777216 @S", options);
    std::fputs(result.complaint.c_str(), stderr);
    std::_Exit(static_cast<int>(result.outcome));
  };
  EXPECT_EXIT(run_with_little_memory(), testing::ExitedWithCode(3),
              "^f.dms:2: the machine stopped: out of memory\n$");
}

// More commands than are in memory at once: jobs, names and expectations outlive the part that they began in.
TEST(Replay, RunsALongScenarioInParts) {
  std::string text = "disk a 1M\ndmsetup create b --table '0 8 zero'\ndmsetup suspend b\nread b 0 8 &\n";
  for (int i = 0; i < 2500; i++) text += "write a 0 8 A\n";
  text += "dmsetup resume b\nread a 0 8\nexpect A\nwait\n";
  const ReplayResult result = replay(text);
  EXPECT_EQ(result.outcome, ReplayOutcome::ok) << result.complaint;
  EXPECT_TRUE(result.transcript.ends_with("> read a 0 8\n0-7 A\n> expect A\n> wait\n0-7 zero\n"))
      << result.transcript.substr(result.transcript.size() - 200);
}

}  // namespace
}  // namespace sim::scenario
