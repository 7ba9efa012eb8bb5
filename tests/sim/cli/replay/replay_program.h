// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim replay, in a folder with a scenario for each way to end.
#pragma once

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "tests/sim/cli/dmsim_program.h"

namespace test {

class ReplayProgram : public testing::Test {
 protected:
  ReplayProgram() {
    dmsim_.file("passed.dms", passed);
    dmsim_.file("failed.dms", "disk d 1M\nread d 0 8\nexpect A\n");
    dmsim_.file("mistake.dms", "disk d 1M\nraed d 0 8\n");
    dmsim_.file("stopped.dms", "dmsetup create z --table '0 8 zero'\ndmsetup suspend z\nread z 0 8\n");
    // Some hundred million seconds in which the clone target wakes up once a second: minutes of the host's
    // time.
    dmsim_.file("endless.dms", three_disks + "sleep 300000000\n");
    // How many flushes it takes depends on the order of tasks: with some seeds too many, first in, first out
    // not.
    dmsim_.file("race.dms",
                three_disks + "write c 382 256 A fua\nflush c\niostat loop1\nexpect flushes=[568]\n");
  }

  // The first seed of 1 to 100 with which the scenario `race` fails.
  [[nodiscard]] std::uint64_t first_failing_seed() const {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      if (replay({"--seed", std::to_string(seed), "race.dms"}).status != 0) return seed;
    }
    ADD_FAILURE() << "race.dms fails with no seed";
    return 0;
  }

  Ended replay(std::vector<std::string> words, const std::vector<std::string>& more = {}) const {
    words.insert(words.begin(), "replay");
    words.insert(words.end(), more.begin(), more.end());
    return dmsim_.run(words);
  }

  const std::string passed = "disk d 1M\nread d 0 8\n";
  const std::string passed_transcript = "> disk d 1M\n> read d 0 8\n0-7 zero\n";
  const std::string failed_transcript =
      passed_transcript + "> expect A\nnot as expected: nothing in the output matches A\n";
  const std::string failed_report = "failed.dms:3: not as expected: nothing in the output matches A\n";
  const std::string three_disks =
      "disk loop0 1M\ndisk loop1 1M\ndisk loop2 1M\n"
      "dmsetup create c --table '0 2048 clone /dev/loop0 /dev/loop1 /dev/loop2 128 1 no_hydration'\n";
  DmsimProgram dmsim_;
};

}  // namespace test
