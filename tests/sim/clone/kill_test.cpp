// SPDX-License-Identifier: GPL-2.0-or-later
// kill -9 at any moment of `dmsim clone --metadata`, and the same command again: nothing is lost, and nothing
// is copied again that was committed.
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>
#include <regex>

#include "tests/sim/cli/dmsim_program.h"
#include "tests/support/traced_program.h"

namespace {

namespace fs = std::filesystem;
using test::TracedRun;

constexpr std::size_t sector = 512;
constexpr std::uint64_t source_sectors = 1024;
constexpr std::uint64_t sectors_per_region = 8;

class KilledClone : public testing::Test {
 protected:
  void SetUp() override {
#ifdef DMSIM_COVERAGE
    GTEST_SKIP() << "at its end a program that counts lines changes hundreds of files";
#endif
    std::string source(source_sectors * sector + 100, '\0');
    std::mt19937 random(1);
    for (char& byte : source) byte = static_cast<char>(random());
    dmsim_.file("source", source);
    expected_ = source;
    if (!run(0)) GTEST_SKIP() << "this process may not trace others";
    forget();
  }

  // Runs the clone until the nth time that it is about to change a file; 0: to its end.
  std::optional<TracedRun> run(unsigned nth, int signal = SIGKILL) {
    // Slow enough for some commits.
    std::vector<std::string> words = {test::DmsimProgram::path(), "clone",      dmsim_.path_of("source"),
                                      dmsim_.path_of("copy"),     "--metadata", dmsim_.path_of("metadata"),
                                      "--source-bandwidth",       "128K"};
    words.insert(words.end(), options_.begin(), options_.end());
    return test::run_traced(words, nth, signal);
  }
  // A workload, and the destination that it leads to.
  void use_workload() {
    dmsim_.file("work.dms",
                "write clone 3 8 A\nsleep 1.5\nwrite clone 500 1 B\nflush clone\nwrite clone 900 32 C\n");
    options_ = {"--workload", dmsim_.path_of("work.dms")};
    expected_.replace(3 * sector, 8 * sector, 8 * sector, 'A');
    expected_.replace(500 * sector, sector, sector, 'B');
    expected_.replace(900 * sector, 32 * sector, 32 * sector, 'C');
  }
  void forget() const {
    for (const char* name : {"copy", "copy.partial", "metadata"}) fs::remove(dmsim_.path_of(name));
  }

  // What must hold whenever a run has ended: there is no destination, or a complete one.
  void check_destination() const {
    EXPECT_TRUE(!fs::exists(dmsim_.path_of("copy")) || dmsim_.content_of("copy") == expected_);
  }
  // And when one has come to its end.
  void check_end(const TracedRun& run) const {
    EXPECT_EQ(run.status, 0) << run.output;
    EXPECT_TRUE(dmsim_.content_of("copy") == expected_);
    EXPECT_FALSE(fs::exists(dmsim_.path_of("copy.partial")));
    EXPECT_FALSE(fs::exists(dmsim_.path_of("metadata")));
  }

  test::DmsimProgram dmsim_;
  std::string expected_;
  std::vector<std::string> options_;
};

std::uint64_t number(const std::string& text, const std::string& pattern, std::uint64_t otherwise) {
  std::smatch match;
  return std::regex_search(text, match, std::regex(pattern)) ? std::stoull(match[1]) : otherwise;
}

// Regions that an earlier run had committed, according to this one.
std::uint64_t resumed_regions(const TracedRun& run) {
  return number(run.output, R"(resumed: (\d+) of )", 0);
}

TEST_F(KilledClone, AtAnyMomentIsResumedAndCopiesNothingTwice) {
  const unsigned moments = run(0)->changes;
  ASSERT_GT(moments, 50U);
  std::uint64_t most_resumed = 0;
  for (unsigned moment = 1; moment <= moments; ++moment) {
    SCOPED_TRACE(fmt::format("killed at change {} of {}", moment, moments));
    forget();
    const auto killed = run(moment);
    ASSERT_TRUE(killed->interrupted);
    check_destination();
    const auto last = run(0);
    check_end(*last);
    const std::uint64_t resumed = resumed_regions(*last);
    most_resumed = std::max(most_resumed, resumed);
    const bool complete = last->output.find("everything was copied before") != std::string::npos;
    // The last, partial region has one sector.
    const std::uint64_t sectors = source_sectors + 1;
    const std::uint64_t to_read = sectors - std::min(sectors, resumed * sectors_per_region);
    EXPECT_EQ(number(last->output, R"(source +read=(\d+) )", 0), complete ? 0 : to_read);
    if (HasFailure()) return;
  }
  EXPECT_GT(most_resumed, source_sectors / sectors_per_region / 2);
}

TEST_F(KilledClone, WithAWorkloadAtAnyMomentIsResumed) {
  use_workload();
  const unsigned moments = run(0)->changes;
  for (unsigned moment = 1; moment <= moments; ++moment) {
    SCOPED_TRACE(fmt::format("killed at change {} of {}", moment, moments));
    forget();
    ASSERT_TRUE(run(moment)->interrupted);
    check_destination();
    check_end(*run(0));
    if (HasFailure()) return;
  }
}

TEST_F(KilledClone, InterruptedAtAnyMomentIsResumed) {
  const unsigned moments = run(0)->changes;
  for (unsigned moment = 1; moment <= moments; moment += 3) {
    SCOPED_TRACE(fmt::format("interrupted at change {} of {}", moment, moments));
    forget();
    const auto interrupted = run(moment, SIGINT);
    check_destination();
    EXPECT_TRUE(interrupted->status == 130 || interrupted->status == 0) << interrupted->output;
    if (interrupted->status == 130) check_end(*run(0));
    if (HasFailure()) return;
  }
}

class OftenKilledClone : public KilledClone, public testing::WithParamInterface<unsigned> {};

TEST_P(OftenKilledClone, ComesToItsEnd) {
  use_workload();
  std::mt19937 random(GetParam());
  options_.insert(options_.end(), {"--schedule", "random", "--seed", std::to_string(GetParam())});
  for (;;) {
    const auto one = run(1 + random() % 60);
    check_destination();
    if (!one->interrupted) {
      check_end(*one);
      return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, OftenKilledClone, testing::Range(1U, 9U));

}  // namespace
