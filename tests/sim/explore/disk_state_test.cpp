// SPDX-License-Identifier: GPL-2.0-or-later
// What a disk may hold, as numbers of contents: the same rules as Durability, for one cut after the other.
#include "sim/explore/disk_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dmcore/block/lib.h"

#include "sim/machine/machine.h"
#include "sim/store/memory_store.h"

#include "tests/rig/failure.h"
#include "tests/rig/letters.h"

namespace {

using sim::explore::BlockContent;
using sim::explore::ContentId;
using sim::explore::Contents;
using sim::explore::DiskState;
using sim::explore::Tear;
using sim::explore::Token;
using sim::explore::Trace;
using testing::ElementsAre;
using testing::SizeIs;
using testing::UnorderedElementsAre;

// A disk whose events are recorded, and its state after all of them.
class DiskStateTest : public testing::Test {
 protected:
  void write(std::uint64_t sector, std::string_view letters) {
    machine.run([&] { test::check(test::write_letters(disk(), sector, letters), "write"); });
  }
  void flush() {
    machine.run([&] { test::check(dmcore::issue_flush(disk()), "flush"); });
  }
  sim::VirtualDisk& disk() { return *machine.disk("d"); }

  DiskState state(std::size_t events = ~std::size_t{0}) {
    DiskState made{std::vector<ContentId>()};
    for (std::size_t i = 0; i < std::min(events, trace.events().size()); ++i)
      made.apply(trace, trace.events()[i], [](std::uint32_t) {});
    return made;
  }
  std::string letters(const DiskState& of, std::uint32_t sector) {
    std::vector<ContentId> found;
    of.candidates(sector, found);
    std::string text;
    for (const ContentId id : found) text += letter(id);
    return text;
  }
  char letter(ContentId id) {
    Contents::Sector bytes;
    contents.copy(id, bytes);
    return test::letters_of(bytes, 0).front();
  }
  std::string letters(const BlockContent& block) {
    std::string text;
    for (const ContentId id : block) text += letter(id);
    return text;
  }
  std::vector<std::string> blocks(const DiskState& of, Tear tear, std::uint32_t unit = 1) {
    std::vector<BlockContent> found;
    of.block_candidates(0, tear, unit, found);
    std::vector<std::string> texts;
    texts.reserve(found.size());
    for (const BlockContent& block : found) texts.push_back(letters(block));
    return texts;
  }

  Contents contents;
  Trace trace{contents};
  sim::Machine machine;
  bool added = [this] {
    machine.on_disk_added([this](sim::VirtualDisk& disk) { trace.watch(disk); });
    machine.add_disk("d", std::make_unique<sim::MemoryStore>(64 << 10), {});
    return true;
  }();
};

TEST_F(DiskStateTest, AWriteThatIsNotFlushedMayBeThere) {
  write(3, "A");
  EXPECT_EQ(letters(state(), 3), ".A");
  EXPECT_EQ(letters(state(), 4), ".");
}

TEST_F(DiskStateTest, AFlushLeavesTheNewest) {
  write(3, "A");
  write(3, "B");
  EXPECT_EQ(letters(state(), 3), ".AB");
  flush();
  EXPECT_EQ(letters(state(), 3), "B");
}

TEST_F(DiskStateTest, ABlockTearsAfterItsFirstSector) {
  write(0, "AAAAAAAA");
  EXPECT_THAT(blocks(state(), Tear::halves),
              UnorderedElementsAre("AAAAAAAA", "........", "A.......", ".AAAAAAA"));
}

TEST_F(DiskStateTest, TheNewestBlockIsTheFirst) {
  write(0, "AAAAAAAA");
  EXPECT_EQ(blocks(state(), Tear::halves).front(), "AAAAAAAA");
  EXPECT_EQ(blocks(state(), Tear::sectors).front(), "AAAAAAAA");
}

TEST_F(DiskStateTest, ABlockTearsAnywhereIfThatIsAskedFor) {
  write(0, "AAAAAAAA");
  EXPECT_THAT(blocks(state(), Tear::sectors), SizeIs(256));
}

TEST_F(DiskStateTest, LogicalBlocksAreWhole) {
  write(0, "AAAAAAAA");
  EXPECT_THAT(blocks(state(), Tear::sectors, 4),
              UnorderedElementsAre("AAAAAAAA", "....AAAA", "AAAA....", "........"));
  EXPECT_THAT(blocks(state(), Tear::halves, 8), UnorderedElementsAre("AAAAAAAA", "........"));
}

// Sectors of one request belong together, whatever else was written to some of them.
TEST_F(DiskStateTest, ATornBlockIsOfTwoMoments) {
  write(0, "AAAAAAAA");
  write(4, "BB");
  EXPECT_THAT(blocks(state(), Tear::halves),
              UnorderedElementsAre("AAAABBAA", "AAAAAAAA", "........", "A.......", ".AAABBAA", ".AAAAAAA"))
      << "the first sector is of one moment, the rest of another";
}

const sim::explore::SectorSet& everywhere() {
  static const sim::explore::SectorSet all(sim::explore::sector_range(0, 1024));
  return all;
}

TEST_F(DiskStateTest, AfterACutTheCandidatesStay) {
  write(0, "AAAAAAAA");
  const DiskState before = state();
  const DiskState after = DiskState::after_cut(before, 0, everywhere());
  EXPECT_EQ(letters(after, 0), ".A");
  EXPECT_THAT(blocks(after, Tear::halves),
              UnorderedElementsAre("AAAAAAAA", "........", "A.......", ".AAAAAAA"));
  EXPECT_TRUE(after.depends_on_cut(0));
}

TEST_F(DiskStateTest, WhatWasLookedAtAfterACutIsKnown) {
  write(0, "AAAAAAAA");
  const DiskState before = state();
  DiskState after = DiskState::after_cut(before, 0, everywhere());
  for (std::uint32_t sector = 0; sector < 8; ++sector) after.pin(sector, Contents::zeroes);
  EXPECT_THAT(blocks(after, Tear::halves), ElementsAre("........"));
  EXPECT_FALSE(after.depends_on_cut(0));
}

// Of what was written before the cut and after it, all may be there, until a flush.
TEST_F(DiskStateTest, WritesAfterACutAddCandidates) {
  write(0, "A");
  const std::size_t cut = trace.events().size();
  write(0, "B");
  const std::size_t written = trace.events().size();
  flush();
  const DiskState before = state(cut);
  DiskState after = DiskState::after_cut(before, 0, everywhere());
  for (std::size_t i = cut; i < written; ++i) after.apply(trace, trace.events()[i], [](std::uint32_t) {});
  EXPECT_EQ(letters(after, 0), ".AB");
  EXPECT_TRUE(after.depends_on_cut(0));
  for (std::size_t i = written; i < trace.events().size(); ++i)
    after.apply(trace, trace.events()[i], [](std::uint32_t) {});
  EXPECT_EQ(letters(after, 0), "B");
}

// Of what was there: whatever it was, and however much was known of it.
TEST_F(DiskStateTest, SectorsWithoutMetadataHaveTokensAfterACut) {
  write(0, "AAAAAAAAAAAAAAAA");
  const DiskState before = state();
  sim::explore::SectorSet metadata;
  metadata.add(sim::explore::sector_range(8, 16));
  DiskState after = DiskState::after_cut(before, 2, metadata);
  std::vector<ContentId> found;
  after.candidates(7, found);
  EXPECT_THAT(found, ElementsAre(Contents::number_of(Token{2, 7})));
  EXPECT_FALSE(after.depends_on_cut(0));
  EXPECT_EQ(letters(after, 8), ".A");
  EXPECT_TRUE(after.depends_on_cut(1));
}

TEST_F(DiskStateTest, BytesThatAreReplacedAreThere) {
  write(1, "A");
  test::store_letters(disk(), 1, "C");
  EXPECT_EQ(letters(state(), 1), "C");
}

}  // namespace
