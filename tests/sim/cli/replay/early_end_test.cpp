// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim replay that ends before every scenario has: signals, --timeout, --seeds.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/cli/replay/replay_program.h"

namespace {

using test::Ended;
using test::ReplayProgram;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

struct ReplayInterrupted : ReplayProgram {
  ReplayInterrupted() {
    dmsim_.file("interrupt.py",
                "import signal, subprocess, sys\n"
                "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
                "run = subprocess.Popen(sys.argv[3:], stdout=subprocess.PIPE, text=True)\n"
                "for line in run.stdout:\n"
                "    print(line, end='')\n"
                "    if sys.argv[2] in line:\n"
                "        run.send_signal(signal.Signals[sys.argv[1]])\n"
                "        break\n"
                "print(run.stdout.read(), end='')\n"
                "sys.exit(run.wait())\n");
  }
  // Sends a signal when a line with some text was printed.
  [[nodiscard]] Ended interrupt(const std::string& signal, const std::string& at,
                                const std::string& words) const {
    return dmsim_.shell("exec python3 interrupt.py " + signal + " '" + at + "' " +
                        test::DmsimProgram::path() + " replay " + words);
  }
};

TEST_F(ReplayInterrupted, SaysWhereItWas) {
  const Ended ended = interrupt("SIGTERM", "> sleep", "endless.dms");
  EXPECT_EQ(ended.status, 143);
  EXPECT_THAT(ended.out, EndsWith("> sleep 300000000\n"));
  EXPECT_EQ(ended.err, "endless.dms:5: interrupted\n");
}

TEST_F(ReplayInterrupted, ByCtrlCEndsWithTheSummary) {
  const Ended ended = interrupt("SIGINT", "failed.dms:3", "-q failed.dms endless.dms passed.dms endless.dms");
  EXPECT_EQ(ended.status, 130);
  EXPECT_THAT(ended.out, StartsWith(failed_report));
  EXPECT_THAT(ended.out, AllOf(HasSubstr("1 failed (failed.dms:3), "), EndsWith(" not run\n")));
}

TEST_F(ReplayInterrupted, WritesTheReportsOfWhatHasRun) {
  const Ended ended = interrupt("SIGTERM", "failed.dms",
                                "--json --junit r.xml failed.dms endless.dms endless.dms endless.dms");
  EXPECT_EQ(ended.status, 143);
  EXPECT_THAT(
      ended.out,
      EndsWith("{\"summary\":{\"passed\":0,\"failed\":1,\"mistake\":0,\"stopped\":0,\"not_run\":3}}\n"));
  EXPECT_THAT(dmsim_.content_of("r.xml"), HasSubstr("failures=\"1\" errors=\"0\" skipped=\"3\""));
}

struct ReplayTimeout : ReplayProgram {};

TEST_F(ReplayTimeout, StopsAScenarioWithoutEnd) {
  const Ended ended = replay({"--timeout", "50ms", "endless.dms"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.out, EndsWith("> sleep 300000000\n"));
  EXPECT_THAT(
      ended.err,
      StartsWith("endless.dms:5: the machine stopped: it ran for longer than 0.05 s (--timeout)\n  at "));
}

TEST_F(ReplayTimeout, IsOfEachScenario) {
  const Ended ended = replay({"--timeout", "1s", "-q", "passed.dms", "endless.dms", "failed.dms"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.out, EndsWith("1 passed, 1 failed (failed.dms:3), 1 stopped (endless.dms:5)\n"));
}

TEST_F(ReplayTimeout, HasAUnit) {
  const Ended ended = replay({"--timeout", "5", "passed.dms"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err,
              StartsWith("dmsim: --timeout: '5' is no time; those are a number and ns, us, ms or s\n"));
}

struct ReplaySeeds : ReplayProgram {};

TEST_F(ReplaySeeds, EndWithTheFirstThatFailsAndTheCommandThatRepeatsIt) {
  const std::uint64_t seed = first_failing_seed();
  ASSERT_GT(seed, 1U);
  const Ended ended = replay({"--strict", "--seeds", "1-100", "race.dms"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out,
            fmt::format("race.dms:8: not as expected: nothing in the output matches 'flushes=[567]'\n"
                        "replay it with: dmsim replay --strict --seed {0} race.dms\n"
                        "{1} passed, 1 failed (race.dms:8 with seed {0}), {2} not run\n",
                        seed, seed - 1, 100 - seed));
}

TEST_F(ReplaySeeds, TheCommandRepeatsIt) {
  const std::string seed = std::to_string(first_failing_seed());
  const Ended repeated = replay({"--strict", "--seed", seed, "race.dms"});
  EXPECT_EQ(repeated.status, 1);
  EXPECT_EQ(repeated.out, replay({"--schedule", "random", "--seed", seed, "race.dms"}).out);
}

TEST_F(ReplaySeeds, AllThatPassArePassed) {
  const std::uint64_t passing = first_failing_seed() - 1;
  ASSERT_GT(passing, 1U);
  const Ended ended = replay({"--seeds", fmt::format("1,2-{}", passing), "race.dms", "passed.dms"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out, fmt::format("{} passed\n", 2 * passing));
}

struct ReplaySeed : ReplayProgram {};

TEST_F(ReplaySeed, AloneMeansARandomSchedule) {
  const std::string seed = std::to_string(first_failing_seed());
  EXPECT_EQ(replay({"--seed", seed, "race.dms"}).status, 1);
  EXPECT_EQ(replay({"race.dms"}).status, 0);
}

TEST_F(ReplaySeed, OfAScheduleThatIsNotRandomIsRefused) {
  const Ended ended = replay({"--seed", "4", "--schedule", "fifo", "race.dms"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, StartsWith("dmsim: --seed: only a random schedule has a seed\n"));
}

}  // namespace
