// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/rig/probe_disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rig/bio.h"
#include "tests/rig/letters.h"
#include "tests/rig/machine.h"

namespace {

using dmcore::BioOp;
using dmcore::BlockStatus;
using test::TestBio;
using testing::ElementsAre;

class ProbeDisk : public testing::Test {
 protected:
  test::Machine machine;
  test::ProbeDisk& disk = machine.add_probe_disk(64);
};

TEST_F(ProbeDisk, RemembersBiosAndData) {
  machine.run([&] {
    EXPECT_TRUE(test::write_letters(disk, 4, "AB").ok());
    EXPECT_EQ(test::read_letters(disk, 3, 4), ".AB.");
  });
  EXPECT_THAT(disk.seen, ElementsAre("write 4+2 on loop0", "read 3+4 on loop0"));
}

TEST_F(ProbeDisk, HoldsBiosUntilTheTestLetsThemGo) {
  machine.run([&] {
    disk.hold = true;
    TestBio first(disk, BioOp::write, 0, 1, 'A');
    TestBio second(disk, BioOp::read, 0, 1);
    first.submit();
    second.submit();
    machine.host().settle();
    EXPECT_FALSE(first.ended());
    disk.finish_held();
    EXPECT_EQ(first.wait(), BlockStatus::ok);
    EXPECT_EQ(second.wait(), BlockStatus::ok);
    EXPECT_EQ(test::letters_of(second.data, 0), "A");
  });
}

TEST_F(ProbeDisk, FailsBiosAsTheTestSays) {
  disk.outcome = [](const dmcore::Bio& bio) {
    return bio.sector == 3 ? BlockStatus::medium : BlockStatus::ok;
  };
  machine.run([&] {
    EXPECT_EQ(TestBio(disk, BioOp::write, 3, 1, 'A').submit().wait(), BlockStatus::medium);
    EXPECT_EQ(TestBio(disk, BioOp::write, 4, 1, 'A').submit().wait(), BlockStatus::ok);
  });
}

TEST_F(ProbeDisk, ABioKnowsWhenItWasCompleted) {
  machine.run([&] {
    disk.hold = true;
    TestBio bio(disk, BioOp::write, 0, 0, '\0', dmcore::bio_preflush);
    bio.submit();
    machine.host().sleep_for(std::chrono::milliseconds(5));
    disk.finish_held();
    bio.wait();
    EXPECT_EQ(bio.ended_at(), std::chrono::milliseconds(5));
  });
}

}  // namespace
