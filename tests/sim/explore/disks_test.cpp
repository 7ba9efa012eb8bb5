// SPDX-License-Identifier: GPL-2.0-or-later
// When the states of disks count as the same.
#include "sim/explore/disks.h"

#include <gtest/gtest.h>

#include "sim/machine/machine.h"
#include "sim/store/memory_store.h"

#include "tests/rig/failure.h"
#include "tests/rig/letters.h"

namespace {

using sim::explore::BlockContent;
using sim::explore::Contents;
using sim::explore::Disk;
using sim::explore::Disks;
using sim::explore::Event;
using sim::explore::Tear;
using sim::explore::Trace;

struct Write {
  std::uint64_t sector;
  std::string letters;
};

class DisksTest : public testing::Test {
 protected:
  // After these writes, one after the other, which are not flushed.
  struct State {
    std::uint64_t signature;
    std::uint64_t undone;  // the signature, when all was undone
    std::uint64_t again;   // and done again
    std::size_t blocks;    // that block 0 may be
  };
  State after(const std::vector<Write>& writes, bool metadata) {
    Trace trace(contents);
    sim::Machine machine;
    machine.on_disk_added([&](sim::VirtualDisk& disk) { trace.watch(disk); });
    sim::VirtualDisk& disk = machine.add_disk("d", std::make_unique<sim::MemoryStore>(64 << 10), {});
    machine.run([&] {
      for (const Write& write : writes)
        test::check(test::write_letters(disk, write.sector, write.letters), "write");
    });
    std::vector<Disk> names = {{"d", 64 << 10, disk.dev(), {}, {}}};
    if (metadata) names[0].metadata.add(sim::explore::sector_range(0, 128));
    Disks disks(names, {{}});
    sim::explore::Journal journal;
    disks.set_journal(journal);
    journal.turn_on();
    for (const Event& event : trace.events()) disks.apply(trace, event);
    State state{disks.signature(), 0, 0, 0};
    std::vector<BlockContent> blocks;
    disks.block_candidates(0, 0, Tear::halves, blocks);
    state.blocks = blocks.size();
    journal.undo_to(0);
    state.undone = disks.signature();
    for (const Event& event : trace.events()) disks.apply(trace, event);
    state.again = disks.signature();
    return state;
  }

  Contents contents;
};

TEST_F(DisksTest, WhatIsUndoneIsAsItWas) {
  // A sector that was never touched has no part in the signature; one that is as it was has.
  const std::uint64_t before = after({{3, "."}}, true).undone;
  for (const bool metadata : {true, false}) {
    const State state = after({{3, "A"}, {3, "B"}}, metadata);
    EXPECT_EQ(state.undone, before);
    EXPECT_NE(state.signature, before);
    EXPECT_EQ(state.again, state.signature);
  }
}

// Data have no blocks: each sector is one by itself.
TEST_F(DisksTest, OfDataOnlyTheCandidatesMatter) {
  EXPECT_EQ(after({{3, "AA"}}, false).signature, after({{3, "A"}, {4, "A"}}, false).signature);
  EXPECT_NE(after({{3, "AA"}}, false).signature, after({{3, "AB"}}, false).signature);
}

// A block tears between writes: with two of them it may be what it cannot be with one.
TEST_F(DisksTest, OfMetadataTheWritesMatter) {
  const State one = after({{3, "AA"}}, true);
  const State two = after({{3, "A"}, {4, "A"}}, true);
  EXPECT_EQ(one.blocks, 2U);
  EXPECT_EQ(two.blocks, 3U);
  EXPECT_NE(one.signature, two.signature);
}

}  // namespace
