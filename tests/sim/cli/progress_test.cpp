// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/progress.h"

#include <gtest/gtest.h>

#include "tests/sim/cli/captured_output.h"

namespace {

using namespace std::chrono_literals;
using sim::cli::Progress;

class ProgressTest : public testing::Test {
 protected:
  std::unique_ptr<Progress> progress(bool terminal) {
    return std::make_unique<Progress>(captured.output(), Progress::Display{.terminal = terminal,
                                                                           .width = [this] { return width; },
                                                                           .clock = [this] { return now; },
                                                                           .silent_for = 1000ms});
  }

  test::CapturedOutput captured;
  unsigned width = 60;
  std::chrono::steady_clock::time_point now;
};

TEST_F(ProgressTest, IsSilentInTheFirstSecond) {
  const auto shown = progress(true);
  shown->start(100, "files");
  now += 999ms;
  shown->update(50);
  shown->finish();
  EXPECT_EQ(captured.text(), "");
}

TEST_F(ProgressTest, DrawsABarOfTheTerminalsWidth) {
  const auto shown = progress(true);
  shown->start(100, "files");
  now += 1s;
  shown->update(50);
  EXPECT_EQ(captured.text(), "\r[#########          ]  50 %  50/100 files\033[K");
}

TEST_F(ProgressTest, SaysWhatItIsAbout) {
  const auto shown = progress(true);
  shown->start(100, "files");
  now += 1s;
  shown->update(50, "b\n.dms");
  EXPECT_EQ(captured.text(), "\r[#########          ]  50 %  50/100 files  b?.dms\033[K");
}

TEST_F(ProgressTest, FitsANarrowTerminal) {
  const auto shown = progress(true);
  width = 20;
  shown->start(100, "files");
  now += 1s;
  shown->update(50, "a-long-name.dms");
  EXPECT_EQ(captured.text(), "\r 50 %  50/100 files\033[K");
}

TEST_F(ProgressTest, CutsBetweenCharacters) {
  const auto shown = progress(true);
  width = 24;
  shown->start(100, "files");
  now += 1s;
  shown->update(50, "éé");
  EXPECT_EQ(captured.text(), "\r 50 %  50/100 files  éé\033[K");
  now += 1s;
  width = 23;
  shown->update(50, "éé");
  EXPECT_TRUE(captured.text().ends_with("  é\033[K")) << captured.text();
}

TEST_F(ProgressTest, CountsWhatHasNoKnownEnd) {
  const auto shown = progress(true);
  shown->start(0, "commands");
  now += 1s;
  shown->update(7);
  EXPECT_EQ(captured.text(), "\r7 commands\033[K");
}

TEST_F(ProgressTest, DrawsTenTimesASecondAtMost) {
  const auto shown = progress(true);
  shown->start(100, "files");
  now += 1s;
  shown->update(1);
  const std::string once = captured.text();
  now += 99ms;
  shown->update(2);
  EXPECT_EQ(captured.text(), once);
  now += 1ms;
  shown->update(3);
  EXPECT_NE(captured.text(), once);
}

TEST_F(ProgressTest, LeavesTheTerminalClean) {
  const auto shown = progress(true);
  shown->start(100, "files");
  now += 1s;
  shown->update(100);
  shown->finish();
  EXPECT_TRUE(captured.text().ends_with("\r\033[K"));
  const std::string cleared = captured.text();
  shown->update(100);
  EXPECT_EQ(captured.text(), cleared);
}

TEST_F(ProgressTest, WritesALineForEachTenPercentElsewhere) {
  const auto shown = progress(false);
  shown->start(200, "files");
  now += 1s;
  for (unsigned done = 0; done <= 40; ++done) shown->update(done, "x");
  shown->update(200);
  shown->finish();
  EXPECT_EQ(captured.text(), " 10 %  20/200 files  x\n 20 %  40/200 files  x\n100 %  200/200 files\n");
}

TEST_F(ProgressTest, TakesTotalsThatFillTheirType) {
  const auto shown = progress(false);
  shown->start(UINT64_MAX, "bytes");
  now += 1s;
  shown->update(UINT64_MAX / 2 + 1);
  EXPECT_TRUE(captured.text().starts_with(" 50 %")) << captured.text();
}

}  // namespace
