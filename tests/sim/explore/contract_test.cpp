// SPDX-License-Identifier: GPL-2.0-or-later
// What a program may rely on, from what it was told.
#include "sim/explore/contract.h"

#include <gtest/gtest.h>

#include "tests/rig/letters.h"

namespace {

using sim::explore::ContentId;
using sim::explore::Contents;
using sim::explore::Contract;
using sim::explore::Trace;
using RequestKind = sim::host::IoWitness::Kind;

// A device "d" of 16 sectors, all '.'; beneath it, where it is discarded, is 'X'.
class ContractTest : public testing::Test {
 protected:
  std::uint64_t begin(RequestKind kind, std::uint64_t first, const std::string& letters,
                      bool durable = false) {
    const std::vector<std::byte> data =
        kind == RequestKind::write ? test::bytes_of(letters, first) : std::vector<std::byte>();
    return trace.begins({.kind = kind,
                         .device = device,
                         .sector = first,
                         .count = letters.size(),
                         .data = data,
                         .durable = durable});
  }
  void end(std::uint64_t id, bool ok = true) { trace.ended(id, ok, {}); }
  void write(std::uint64_t first, const std::string& letters, bool durable = false) {
    end(begin(RequestKind::write, first, letters, durable));
  }
  void discard(std::uint64_t first, std::size_t count) {
    end(begin(RequestKind::discard, first, std::string(count, '.')));
  }
  void flush() { end(begin(RequestKind::flush, 0, "")); }

  // What sector `sector` may hold after all that.
  std::string allowed(std::uint32_t sector) {
    Contract contract(Contract::Alternatives(16, {Contents::zeroes}), {.destination = {},
                                                                       .region_sectors = region_sectors,
                                                                       .copies_over_discards = false,
                                                                       .early_fua_writes = early_fua_writes,
                                                                       .source = {},
                                                                       .beneath = beneath,
                                                                       .replaced = {}});
    for (const auto& event : trace.events()) contract.apply(trace, event, device);
    return letters_of(contract, sector);
  }

  std::string letters_of(const Contract& contract, std::uint32_t sector) {
    std::string letters;
    for (const ContentId id : contract.allowed(sector).contents) {
      Contents::Sector bytes;
      contents.copy(id, bytes);
      letters += test::letters_of(bytes, sector);
    }
    std::sort(letters.begin(), letters.end());
    return letters + (contract.allowed(sector).anything ? "*" : "");
  }

  // Where the destination held 'X' before: whether it must not hold that any more.
  bool is_stale(std::uint32_t sector) {
    Contract contract(Contract::Alternatives(16, {Contents::zeroes}), {.destination = {},
                                                                       .region_sectors = 0,
                                                                       .copies_over_discards = false,
                                                                       .early_fua_writes = false,
                                                                       .source = {},
                                                                       .beneath = beneath,
                                                                       .replaced = beneath});
    for (const auto& event : trace.events()) contract.apply(trace, event, device);
    return contract.is_stale(sector, beneath[sector][0]);
  }

  const std::string device = "d";
  bool early_fua_writes = false;
  std::uint32_t region_sectors = 0;
  Contents contents;
  Trace trace{contents};
  Contract::Alternatives beneath = Contract::Alternatives(16, {contents.number_of(test::bytes_of("X", 0))});
};

// The known bug, FUA without a write cache: docs/findings.md.
TEST_F(ContractTest, AnOverwriteWithFuaWaitsForAFlushWhereTheDestinationHasNoWriteCache) {
  early_fua_writes = true;
  region_sectors = 4;
  write(2, "AAAAAA", true);  // a part of region 0, and all of region 1
  EXPECT_EQ(allowed(3), "A");
  EXPECT_EQ(allowed(4), ".A");
  EXPECT_EQ(allowed(7), ".A");
  flush();
  EXPECT_EQ(allowed(7), "A");
  // The region is hydrated now, and that is committed.
  write(4, "BBBB", true);
  EXPECT_EQ(allowed(7), "B");
}

TEST_F(ContractTest, ARegionThatIsShorterIsNotOverwritten) {
  early_fua_writes = true;
  region_sectors = 6;  // the last one has 4
  write(12, "AAAA", true);
  EXPECT_EQ(allowed(13), "A");
}

TEST_F(ContractTest, WhatTheDestinationHeldIsStaleUntilThatIsWrittenOrADiscardHydratesWithoutACopy) {
  begin(RequestKind::write, 0, "A");
  EXPECT_TRUE(is_stale(0));
  begin(RequestKind::write, 0, "X");
  EXPECT_FALSE(is_stale(0));
  EXPECT_TRUE(is_stale(1));
  begin(RequestKind::discard, 1, "..");
  EXPECT_FALSE(is_stale(1));
  EXPECT_TRUE(is_stale(3));
}

TEST_F(ContractTest, WhatIsUndoneIsAsItWas) {
  write(2, "AB");
  discard(3, 4);
  flush();
  write(3, "C");
  end(begin(RequestKind::flush, 0, ""), false);
  write(3, "D", true);
  begin(RequestKind::write, 4, "E");
  Contract contract(
      Contract::Alternatives(16, {Contents::zeroes}),
      {.destination = {}, .region_sectors = 0, .source = {}, .beneath = beneath, .replaced = {}});
  sim::explore::Journal journal;
  contract.set_journal(journal);
  journal.turn_on();
  const auto apply = [&](std::size_t first) {
    std::vector<std::uint64_t> signatures;
    for (std::size_t i = first; i < trace.events().size(); ++i) {
      contract.apply(trace, trace.events()[i], device);
      signatures.push_back(contract.signature());
    }
    return signatures;
  };
  const std::uint64_t before = contract.signature();
  std::vector<std::size_t> moments;
  for (const auto& event : trace.events()) {
    moments.push_back(journal.now());
    contract.apply(trace, event, device);
  }
  journal.undo_to(0);
  EXPECT_EQ(contract.signature(), before);
  const std::vector<std::uint64_t> all = apply(0);
  // From any event on.
  for (std::size_t first = moments.size(); first-- > 0;) {
    journal.undo_to(moments[first]);
    const std::vector<std::uint64_t> rest(all.begin() + static_cast<std::ptrdiff_t>(first), all.end());
    EXPECT_EQ(apply(first), rest);
  }
}

// A clone in regions of 4 sectors, to a destination that takes writes; the source holds 'S'. Region 0 is
// discarded, and its first sector written and flushed.
struct ContractOfAClone : ContractTest {
  ContractOfAClone() {
    contract.set_journal(journal);
    journal.turn_on();
  }

  // Steps of a write to region 0 of the destination.
  void destination_write(const std::string& letters) {
    begin(RequestKind::write, 0, letters);  // of no contract: only for the contents
    const auto& operation = trace.operation(trace.events().back());
    write = {.kind = sim::explore::Event::Kind::submitted,
             .moment = trace.events().back().moment,
             .write = trace.events().back().moment,
             .count = static_cast<std::uint32_t>(letters.size()),
             .contents = operation.contents};
    contract.apply_to_disk(trace, write);
  }
  void destination_write_ends() {
    write.kind = sim::explore::Event::Kind::ended;
    contract.apply_to_disk(trace, write);
  }
  std::string after_discard_and_write(const std::string& letter) {
    const std::size_t first = trace.events().size();
    discard(0, 4);
    ContractTest::write(0, letter);
    flush();
    for (std::size_t i = first; i < trace.events().size(); ++i)
      contract.apply(trace, trace.events()[i], device);
    return letters_of(contract, 0);
  }

  const Contract::Alternatives source =
      Contract::Alternatives(16, {contents.number_of(test::bytes_of("S", 0))});
  Contract contract{Contract::Alternatives(16, {Contents::zeroes}),
                    {.destination = 0,
                     .region_sectors = 4,
                     .copies_over_discards = true,
                     .early_fua_writes = false,
                     .source = source,
                     .beneath = beneath,
                     .replaced = {}}};
  sim::explore::Journal journal;
  sim::explore::Event write;
};

TEST_F(ContractOfAClone, ACopyThatWasUnderWayMayComeOverADiscard) {
  destination_write("SSSS");
  EXPECT_EQ(after_discard_and_write("A"), "AS");
  destination_write_ends();
  EXPECT_EQ(after_discard_and_write("B"), "B");
  EXPECT_EQ(contract.copies_over_discards(), 1U);
}

TEST_F(ContractOfAClone, ACopyThatHasEndedDoesNot) {
  destination_write("SSSS");
  destination_write_ends();
  EXPECT_EQ(after_discard_and_write("A"), "A");
}

TEST_F(ContractOfAClone, WhatElseIsWrittenToTheDestinationIsNoCopy) {
  destination_write("SSST");
  EXPECT_EQ(after_discard_and_write("A"), "A");
}

TEST_F(ContractOfAClone, NothingIsCopiedAnyMoreWhenItIsClosed) {
  destination_write("SSSS");
  contract.closed();
  EXPECT_EQ(after_discard_and_write("A"), "A");
}

TEST_F(ContractOfAClone, ACopyThatIsUndoneIsNotUnderWay) {
  const std::size_t before = journal.now();
  destination_write("SSSS");
  journal.undo_to(before);
  EXPECT_EQ(after_discard_and_write("A"), "A");
}

TEST_F(ContractOfAClone, ACopyWhoseEndIsUndoneIsUnderWay) {
  destination_write("SSSS");
  const std::size_t before = journal.now();
  destination_write_ends();
  journal.undo_to(before);
  EXPECT_EQ(after_discard_and_write("A"), "AS");
}

TEST_F(ContractTest, WhatWasNeverWrittenIsWhatWasThere) {
  EXPECT_EQ(allowed(3), ".");
}

TEST_F(ContractTest, AWriteMayBeThereFromItsBeginning) {
  begin(RequestKind::write, 3, "A");
  EXPECT_EQ(allowed(3), ".A");
  EXPECT_EQ(allowed(4), ".");
}

TEST_F(ContractTest, AnAcknowledgedWriteMayBeLost) {
  write(3, "A");
  EXPECT_EQ(allowed(3), ".A");
}

TEST_F(ContractTest, AFlushThatFailsGivesUpWhatWasAcknowledgedBefore) {
  write(3, "A");
  end(begin(RequestKind::flush, 0, ""), false);
  write(4, "B");
  flush();
  EXPECT_EQ(allowed(3), ".A");
  EXPECT_EQ(allowed(4), "B");
}

TEST_F(ContractTest, AFlushThatFailsTakesNothingFromWhatIsDurable) {
  write(3, "A");
  flush();
  end(begin(RequestKind::flush, 0, ""), false);
  EXPECT_EQ(allowed(3), "A");
}

TEST_F(ContractTest, AFlushKeepsWhatWasAcknowledgedBeforeItBegan) {
  write(3, "A");
  flush();
  EXPECT_EQ(allowed(3), "A");
}

TEST_F(ContractTest, AFlushThatHasNotEndedPromisesNothing) {
  write(3, "A");
  begin(RequestKind::flush, 0, "");
  EXPECT_EQ(allowed(3), ".A");
}

TEST_F(ContractTest, AFlushThatFailsPromisesNothing) {
  write(3, "A");
  end(begin(RequestKind::flush, 0, ""), false);
  EXPECT_EQ(allowed(3), ".A");
}

TEST_F(ContractTest, AFlushSaysNothingOfWritesThatEndedAfterItBegan) {
  const auto write_id = begin(RequestKind::write, 3, "A");
  const auto flush_id = begin(RequestKind::flush, 0, "");
  end(write_id);
  end(flush_id);
  EXPECT_EQ(allowed(3), ".A");
}

TEST_F(ContractTest, ADurableWriteIsThere) {
  write(3, "A", true);
  EXPECT_EQ(allowed(3), "A");
}

TEST_F(ContractTest, ADurableWriteSaysNothingOfOtherSectors) {
  write(5, "B");
  write(3, "A", true);
  EXPECT_EQ(allowed(5), ".B");
}

TEST_F(ContractTest, LaterWritesMayBeThereInstead) {
  write(3, "A");
  flush();
  write(3, "B");
  begin(RequestKind::write, 3, "C");
  EXPECT_EQ(allowed(3), "ABC");
}

TEST_F(ContractTest, OfWritesAtTheSameTimeEitherMayBeThere) {
  const auto a = begin(RequestKind::write, 3, "A");
  const auto b = begin(RequestKind::write, 3, "B");
  end(b);
  end(a);
  flush();
  EXPECT_EQ(allowed(3), "AB");
}

TEST_F(ContractTest, AWriteThatFailedMayBeThereUntilALaterOneIsDurable) {
  end(begin(RequestKind::write, 3, "A"), false);
  flush();
  EXPECT_EQ(allowed(3), ".A");
  write(3, "B", true);
  EXPECT_EQ(allowed(3), "B");
}

TEST_F(ContractTest, ADiscardMayLeaveZeroesOrWhatWasBeneathOrNothing) {
  write(3, "A", true);
  discard(3, 1);
  flush();
  EXPECT_EQ(allowed(3), ".AX");
}

TEST_F(ContractTest, AWriteEndsWhatADiscardAllows) {
  discard(3, 1);
  write(3, "A", true);
  EXPECT_EQ(allowed(3), "A");
}

TEST_F(ContractTest, WhatIsBeneathMayBeUnknown) {
  beneath.clear();
  discard(3, 1);
  EXPECT_EQ(allowed(3), ".*");
}

TEST_F(ContractTest, OtherDevicesAreNoneOfItsBusiness) {
  const std::string other = "e";
  trace.ended(trace.begins({.kind = RequestKind::write,
                            .device = other,
                            .sector = 3,
                            .count = 1,
                            .data = test::bytes_of("A", 3)}),
              true, {});
  EXPECT_EQ(allowed(3), ".");
}

}  // namespace
