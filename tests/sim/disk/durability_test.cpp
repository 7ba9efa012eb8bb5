// SPDX-License-Identifier: GPL-2.0-or-later
// What a power cut may leave: the fault model by itself, and what a disk makes of its requests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dmcore/block/lib.h"

#include "sim/store/memory_store.h"

#include "tests/rig/bio.h"
#include "tests/rig/letters.h"
#include "tests/rig/machine.h"

namespace {

using dmcore::bio_fua;
using dmcore::bio_preflush;
using dmcore::BioOp;
using sim::Durability;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint32_t block_bytes = 512;

// The candidates of a block, a letter each.
std::string letters_of(const Durability::Candidates& candidates) {
  std::string letters;
  for (const Durability::Content& content : candidates.contents)
    letters += content.zero() ? std::string(".") : test::letters_of(content.bytes().first(512), 0);
  return letters;
}

// A disk without requests: its blocks 0 to 7 have zeroes.
class DurabilityTest : public testing::Test {
 protected:
  explicit DurabilityTest(std::uint32_t bytes = block_bytes, bool volatile_cache = true)
      : block(bytes), disk(store, bytes, volatile_cache) {}

  struct Write {
    Durability::WriteId id;
    std::uint64_t first;
    std::string letters;
  };
  // '.': a discard.
  Write submit(std::uint64_t first, std::string letters) {
    Write write{disk.now(), first, std::move(letters)};
    each(write, [&](const auto& range) { disk.submitted(write.id, range); });
    return write;
  }
  void execute(const Write& write) {
    each(write, [&](const Durability::Range& range) {
      disk.executed(write.id, range);
      if (range.data.empty()) {
        store.discard(range.offset, range.bytes).ignore();
      } else {
        store.write(range.offset, range.data).ignore();
      }
    });
  }
  void end(const Write& write, bool failed = false) {
    each(write, [&](const auto& range) { disk.ended(write.id, range, failed); });
  }
  Write complete(std::uint64_t first, const std::string& letters) {
    Write write = submit(first, letters);
    execute(write);
    end(write);
    return write;
  }
  void flush() { disk.flushed(disk.now(), {}); }

  std::string candidates(std::uint64_t number) { return letters_of(disk.candidates(number * block)); }
  std::string stored(std::uint64_t first, std::uint64_t count) {
    std::vector<std::byte> bytes(count * block);
    store.read(first * block, bytes).ignore();
    return test::letters_of(bytes, 0);
  }

  std::uint32_t block;
  sim::MemoryStore store{64 << 10};
  Durability disk;

 private:
  template <class Use>
  void each(const Write& write, Use use) {
    for (std::size_t i = 0; i < write.letters.size(); ++i) {
      const char letter = write.letters[i];
      const std::vector<std::byte> data(letter == '.' ? 0 : block, static_cast<std::byte>(letter));
      use(Durability::Range{(write.first + i) * block, block, data});
    }
  }
};

TEST_F(DurabilityTest, WhatWasThereAtTheBeginningIsDurable) {
  EXPECT_THAT(disk.undetermined(), IsEmpty());
  EXPECT_EQ(candidates(0), ".");
}

TEST_F(DurabilityTest, AWriteInFlightIsThereOrNot) {
  submit(1, "A");
  EXPECT_EQ(candidates(1), ".A");
  EXPECT_THAT(disk.undetermined(), ElementsAre(block));
}

TEST_F(DurabilityTest, DataThatChangeInFlightLeaveEither) {
  Write write = submit(0, "A");
  write.letters = "B";
  execute(write);
  EXPECT_EQ(candidates(0), ".BA");
  end(write);
  EXPECT_EQ(candidates(0), ".B");
}

TEST_F(DurabilityTest, WithoutAFlushAllThatWasEverWrittenMayBeThere) {
  complete(0, "A");
  complete(0, "B");
  EXPECT_EQ(candidates(0), ".AB");
}

TEST_F(DurabilityTest, AFlushMakesTheLastWriteBeforeItDurable) {
  complete(0, "A");
  complete(0, "B");
  flush();
  EXPECT_EQ(candidates(0), "B");
  EXPECT_THAT(disk.undetermined(), IsEmpty());
}

TEST_F(DurabilityTest, AFlushDoesNotCoverWhatEndedAfterItsSubmission) {
  complete(0, "A");
  const Durability::Moment submitted = disk.now();
  complete(0, "B");
  disk.flushed(submitted, {});
  EXPECT_EQ(candidates(0), "AB");
}

TEST_F(DurabilityTest, AWriteInFlightOutlivesAFlush) {
  const Write slow = submit(0, "A");
  execute(slow);
  complete(0, "B");
  flush();
  EXPECT_EQ(candidates(0), "BA");
}

TEST_F(DurabilityTest, WritesHaveTheOrderOfTheirExecution) {
  const Write first = submit(0, "A");
  const Write second = submit(0, "B");
  execute(second);
  execute(first);
  end(first);
  end(second);
  flush();
  EXPECT_EQ(candidates(0), "A");
}

TEST_F(DurabilityTest, AWriteThatFailedIsThereOrNot) {
  end(submit(0, "A"), true);
  flush();
  EXPECT_EQ(candidates(0), ".A");
}

TEST_F(DurabilityTest, ALaterWriteAndAFlushRemoveOneThatFailed) {
  end(submit(0, "A"), true);
  complete(0, "B");
  flush();
  EXPECT_EQ(candidates(0), "B");
}

TEST_F(DurabilityTest, ADiscardMayBeLost) {
  complete(0, "A");
  flush();
  complete(0, ".");
  EXPECT_EQ(candidates(0), "A.");
}

TEST_F(DurabilityTest, AWriteWithFuaIsDurableWithItsOwnFlushWhichCoversNothingElse) {
  complete(1, "B");
  const Write fua = submit(0, "A");
  execute(fua);
  disk.flushed(0, std::span(&fua.id, 1));
  EXPECT_EQ(candidates(0), "A");
  EXPECT_EQ(candidates(1), ".B");
  end(fua);
  EXPECT_EQ(candidates(0), "A");
}

TEST_F(DurabilityTest, ContentsThatAreEqualAreOneCandidate) {
  complete(0, "A");
  complete(0, ".");
  EXPECT_EQ(candidates(0), ".A");
}

TEST_F(DurabilityTest, TheNewestIsWhatWasExecutedLast) {
  complete(0, "A");
  const Write other = submit(0, "B");
  EXPECT_EQ(candidates(0), ".AB");
  EXPECT_EQ(disk.candidates(0).newest, 1U);
  execute(other);
  EXPECT_EQ(disk.candidates(0).newest, 2U);
  complete(0, ".");
  EXPECT_EQ(disk.candidates(0).newest, 0U);
}

TEST_F(DurabilityTest, WhatIsReplacedBehindTheDisksBackIsDurable) {
  complete(0, "AAA");
  disk.replaced(block + 1, 1);
  EXPECT_THAT(disk.undetermined(), ElementsAre(0, 2 * block));
}

TEST_F(DurabilityTest, AWriteTearsBetweenBlocks) {
  complete(0, "ABC");
  EXPECT_TRUE(disk.cut([&](std::uint64_t offset, const auto&) { return offset == block ? 1U : 0U; }).ok());
  EXPECT_EQ(stored(0, 3), ".B.");
}

TEST_F(DurabilityTest, AfterACutAllIsDetermined) {
  complete(0, "A");
  EXPECT_TRUE(disk.cut([](std::uint64_t, const auto&) { return 0; }).ok());
  EXPECT_THAT(disk.undetermined(), IsEmpty());
  EXPECT_EQ(candidates(0), ".");
}

TEST_F(DurabilityTest, ACutAsksForBlocksWithAChoiceOnly) {
  complete(0, "A");
  flush();
  complete(2, "B");
  complete(3, ".");
  std::vector<std::uint64_t> asked;
  disk.cut([&](std::uint64_t offset, const auto& candidates) {
        EXPECT_EQ(candidates.contents.size(), 2U);
        asked.push_back(offset);
        return 1;
      })
      .ignore();
  EXPECT_THAT(asked, ElementsAre(2 * block));
  EXPECT_EQ(stored(0, 4), "A.B.");
}

class LargeBlocks : public DurabilityTest {
 protected:
  LargeBlocks() : DurabilityTest(4096) {}
};

TEST_F(LargeBlocks, AreKeptWhole) {
  complete(1, "A");
  EXPECT_THAT(disk.undetermined(), ElementsAre(4096));
  EXPECT_TRUE(disk.cut([](std::uint64_t, const auto&) { return 1; }).ok());
  EXPECT_EQ(stored(1, 1), "AAAAAAAA");
}

class WriteThrough : public DurabilityTest {
 protected:
  WriteThrough() : DurabilityTest(block_bytes, false) {}
};

TEST_F(WriteThrough, AWriteThatHasEndedIsDurable) {
  complete(0, "A");
  EXPECT_EQ(candidates(0), "A");
}

TEST_F(WriteThrough, OneInFlightIsThereOrNot) {
  execute(submit(0, "A"));
  EXPECT_EQ(candidates(0), ".A");
}

TEST_F(WriteThrough, TheEndOfOneWriteMakesNoOtherDurable) {
  const Write slow = submit(1, "B");
  execute(slow);
  complete(0, "A");
  EXPECT_EQ(candidates(1), ".B");
}

// A disk whose writes take 10 ms and whose flushes take 100 ms.
class DiskDurability : public testing::Test {
 protected:
  DiskDurability() { disk.record_durability(); }

  void at(int ms) { machine.runtime().sleep_for(milliseconds(ms) - machine.runtime().now()); }
  std::string candidates(std::uint64_t sector) {
    return letters_of(disk.durability()->candidates(sector * 512));
  }

  test::Machine machine;
  sim::VirtualDisk& disk = machine.add_disk(
      64, {.timing = {.write_latency = milliseconds(10), .flush_latency = milliseconds(100)}});
};

TEST_F(DiskDurability, AWriteIsInFlightFromItsSubmissionOn) {
  machine.run([&] {
    test::TestBio bio(disk, BioOp::write, 0, 1, 'A');
    bio.submit();
    EXPECT_EQ(candidates(0), ".A");
    bio.wait();
  });
  EXPECT_EQ(candidates(0), ".A");
}

TEST_F(DiskDurability, AFlushCoversWhatEndedBeforeItWasSubmitted) {
  machine.run([&] {
    test::TestBio before(disk, BioOp::write, 0, 1, 'A');
    before.submit().wait();
    test::TestBio in_flight(disk, BioOp::write, 1, 1, 'B');
    in_flight.submit();
    EXPECT_TRUE(issue_flush(disk).ok());
    EXPECT_TRUE(in_flight.ended());
  });
  EXPECT_EQ(candidates(0), "A");
  EXPECT_EQ(candidates(1), ".B");
}

TEST_F(DiskDurability, AFlushThatFailedCoversNothing) {
  machine.run([&] {
    test::TestBio bio(disk, BioOp::write, 0, 1, 'A');
    bio.submit().wait();
    disk.faults().fail_flushes(true);
    EXPECT_FALSE(issue_flush(disk).ok());
  });
  EXPECT_EQ(candidates(0), ".A");
}

// Two flushes wait for a third: what the later of them asked for is covered, also for the earlier.
TEST_F(DiskDurability, ASharedFlushCoversWhatItsLastWaiterAskedFor) {
  machine.run([&] {
    test::TestBio first(disk, BioOp::write, 0, 0, '\0', bio_preflush);
    first.submit();
    test::TestBio second(disk, BioOp::write, 0, 0, '\0', bio_preflush);
    second.submit();
    test::TestBio data(disk, BioOp::write, 0, 1, 'A');
    data.submit().wait();
    test::TestBio third(disk, BioOp::write, 0, 0, '\0', bio_preflush);
    third.submit();
    first.wait();
    EXPECT_EQ(candidates(0), ".A");
    second.wait();
    EXPECT_EQ(second.ended_at(), third.wait() == dmcore::BlockStatus::ok ? third.ended_at() : dmcore::Time{});
    EXPECT_EQ(candidates(0), "A");
  });
}

TEST_F(DiskDurability, AWriteWithFuaIsDurableAtItsEndAndNoOtherWrite) {
  machine.run([&] {
    test::TestBio other(disk, BioOp::write, 1, 1, 'B');
    other.submit().wait();
    test::TestBio fua(disk, BioOp::write, 0, 1, 'A', bio_fua);
    fua.submit();
    at(50);
    EXPECT_EQ(candidates(0), ".A");
    fua.wait();
  });
  EXPECT_EQ(candidates(0), "A");
  EXPECT_EQ(candidates(1), ".B");
}

TEST_F(DiskDurability, AWriteThatFailsAtABadSectorMayBeThere) {
  disk.faults().add(0, 1, sim::FaultMap::Fails::writes);
  machine.run([&] {
    test::TestBio bio(disk, BioOp::write, 0, 1, 'A');
    EXPECT_NE(bio.submit().wait(), dmcore::BlockStatus::ok);
    EXPECT_TRUE(issue_flush(disk).ok());
  });
  EXPECT_EQ(candidates(0), ".A");
}

TEST_F(DiskDurability, ADiscardIsAWriteOfZeroes) {
  test::store_letters(disk, 0, "AB");
  machine.run([&] {
    test::TestBio bio(disk, BioOp::discard, 0, 8);
    bio.submit().wait();
  });
  EXPECT_EQ(candidates(0), "A.");
  EXPECT_EQ(candidates(2), ".");
}

}  // namespace
