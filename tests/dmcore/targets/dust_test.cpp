// SPDX-License-Identifier: GPL-2.0-or-later
// dust: bad blocks, and the messages about them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dmcore/block/lib.h"

#include "tests/rig/dm_machine.h"
#include "tests/rig/letters.h"

namespace {

using dmcore::Errno;
using test::DmMachine;
using test::read_letters;
using test::write_letters;
using testing::ElementsAre;
using testing::IsEmpty;

// Blocks of 1 KiB, counted on the device, of which the target begins with number 4.
struct Dust : testing::Test {
  DmMachine bench;
  sim::VirtualDisk& disk = bench.add_disk(2048);

  dmcore::MappedDevice& make() {
    auto& dust = bench.make("d", 1024, "dust", "7:0 8 1024");
    bench.logged();
    return dust;
  }
  std::string message(const std::string& words) { return bench.message("d", words); }
};

TEST_F(Dust, BadBlocksAreReadUntilItIsEnabled) {
  bench.run([&] {
    auto& dust = make();
    message("addbadblock 4");
    EXPECT_EQ(read_letters(dust, 0, 1), ".");
    message("enable");
    EXPECT_EQ(read_letters(dust, 0, 1), "EIO");
    EXPECT_EQ(read_letters(dust, 2, 1), ".");
    message("disable");
    EXPECT_EQ(read_letters(dust, 0, 1), ".");
  });
}

TEST_F(Dust, AReadThatTouchesABadBlockFails) {
  bench.run([&] {
    auto& dust = make();
    message("addbadblock 5");
    message("enable");
    EXPECT_EQ(read_letters(dust, 0, 4), "EIO");
    EXPECT_EQ(read_letters(dust, 0, 2), "..");
  });
}

TEST_F(Dust, AWriteMakesABlockGood) {
  bench.run([&] {
    auto& dust = make();
    message("addbadblock 4");
    message("enable");
    EXPECT_EQ(write_letters(dust, 0, "A"), Errno::ok);
    EXPECT_EQ(read_letters(dust, 0, 2), "A.");
    EXPECT_EQ(message("countbadblocks"), "countbadblocks: 0 badblock(s) found");
  });
}

TEST_F(Dust, WritesMayFailSoManyTimesBefore) {
  bench.run([&] {
    auto& dust = make();
    message("addbadblock 5 2");
    message("enable");
    EXPECT_EQ(write_letters(dust, 2, "A"), Errno::io);
    EXPECT_EQ(write_letters(dust, 2, "A"), Errno::io);
    EXPECT_EQ(write_letters(dust, 2, "A"), Errno::ok);
    EXPECT_EQ(read_letters(dust, 2, 1), "A");
  });
}

TEST_F(Dust, ADiscardMakesABlockGoodToo) {
  bench.run([&] {
    auto& dust = make();
    message("addbadblock 4");
    message("enable");
    EXPECT_TRUE(issue_discard(dust, 0, 2).ok());
    EXPECT_EQ(read_letters(dust, 0, 1), ".");
  });
}

TEST_F(Dust, SaysWhatItDoes) {
  bench.run([&] {
    auto& dust = make();
    message("addbadblock 4");
    message("addbadblock 5 2");
    message("addbadblock 4");
    message("removebadblock 5");
    message("removebadblock 5");
    message("enable");
    EXPECT_EQ(write_letters(dust, 0, "A"), Errno::ok);
    message("disable");
    EXPECT_THAT(bench.logged(),
                ElementsAre("dust: dust_add_block: badblock added at block 4 with write fail count 0",
                            "dust: dust_add_block: badblock added at block 5 with write fail count 2",
                            "dust: dust_add_block: block 4 already in badblocklist",
                            "dust: dust_remove_block: badblock removed at block 5",
                            "dust: dust_remove_block: block 5 not found in badblocklist",
                            "dust: enabling read failures on bad sectors",
                            // Block 4, divided by the block's sectors once too often.
                            "dust: block 2 removed from badblocklist by write",
                            "dust: disabling read failures on bad sectors"));
  });
}

TEST_F(Dust, SaysLessWhenQuiet) {
  bench.run([&] {
    auto& dust = make();
    EXPECT_EQ(message("quiet"), "");
    EXPECT_EQ(bench.status("d"), "7:0 bypass quiet");
    message("enable");
    bench.logged();
    message("addbadblock 4");
    EXPECT_EQ(message("addbadblock 4"), "EINVAL");
    EXPECT_EQ(message("removebadblock 9"), "EINVAL");
    EXPECT_EQ(write_letters(dust, 0, "A"), Errno::ok);
    EXPECT_THAT(bench.logged(), IsEmpty());
    message("quiet");
    EXPECT_EQ(bench.status("d"), "7:0 fail_read_on_bad_block verbose");
  });
}

TEST_F(Dust, AnswersQuestions) {
  bench.run([&] {
    make();
    EXPECT_EQ(message("listbadblocks"), "No blocks in badblocklist");
    EXPECT_EQ(message("clearbadblocks"), "dust_clear_badblocks: no badblocks found");
    message("addbadblock 30");
    message("addbadblock 4");
    EXPECT_EQ(message("QueryBlock 4"), "dust_query_block: block 4 found in badblocklist");
    EXPECT_EQ(message("queryblock 5"), "dust_query_block: block 5 not found in badblocklist");
    EXPECT_EQ(message("listbadblocks"), "4\n30\n");
    EXPECT_EQ(message("countbadblocks"), "countbadblocks: 2 badblock(s) found");
    EXPECT_EQ(message("clearbadblocks"), "dust_clear_badblocks: badblocks cleared");
  });
}

TEST_F(Dust, RefusesWrongMessages) {
  bench.run([&] {
    make();
    for (const char* words : {"addbadblock", "nothing", "nothing 1", "nothing 1 2", "nothing 1 2 3",
                              "addbadblock x", "addbadblock 4 x", "addbadblock 4 256", "addbadblock 1025"}) {
      EXPECT_EQ(message(words), "EINVAL") << words;
    }
    EXPECT_THAT(bench.logged(), ElementsAre("dust: addbadblock requires an additional argument",
                                            "dust: unrecognized message 'nothing' received",
                                            "dust: unrecognized message 'nothing' received",
                                            "dust: unrecognized message 'nothing' received",
                                            "dust: invalid number of arguments '4'",
                                            "dust: selected write fail count out of range",
                                            "dust: selected block value out of range"));
  });
}

TEST_F(Dust, OneBlockBehindTheEndCanBeBad) {
  bench.run([&] {
    make();
    EXPECT_EQ(message("addbadblock 1024"), "");
  });
}

TEST_F(Dust, ShowsItsDevice) {
  bench.run([&] {
    make();
    EXPECT_EQ(bench.table("d"), "7:0 8 1024");
    EXPECT_EQ(bench.status("d"), "7:0 bypass verbose");
  });
}

TEST_F(Dust, RefusesWrongArguments) {
  bench.run([&] {
    const auto refusal = [&](const char* params, dmcore::sector_t length = 2048) {
      return bench.refusal(length, "dust", params);
    };
    EXPECT_EQ(refusal("7:0 0"), "dust: Invalid argument count (-EINVAL)");
    EXPECT_EQ(refusal("7:0 0 511"), "dust: Block size must be at least 512 (-EINVAL)");
    EXPECT_EQ(refusal("7:0 0 513"), "dust: Block size must be a power of 2 (-EINVAL)");
    EXPECT_EQ(refusal("7:0 0 zero"), "dust: Invalid block size parameter (-EINVAL)");
    EXPECT_EQ(refusal("7:0 0 16384", 16), "dust: Block size is too large (-EINVAL)");
    EXPECT_EQ(refusal("7:0 x 512"), "dust: Invalid device offset sector (-EINVAL)");
    EXPECT_EQ(refusal("/dev/nope 0 512"), "dust: Device lookup failed (-EINVAL)");
  });
}

}  // namespace
