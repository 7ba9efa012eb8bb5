// SPDX-License-Identifier: GPL-2.0-or-later
// What reads may return while writes are under way.
#include "sim/schedules/history.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace {

using dmcore::sector_size;
using sim::schedules::History;
using RequestKind = sim::host::IoWitness::Kind;

// One device of two sectors, which hold the letter O at the beginning.
class AHistory : public testing::Test {
 protected:
  AHistory() { history_.begin(device_, bytes("OO")); }

  static std::vector<std::byte> bytes(std::string_view letters) {
    std::vector<std::byte> all;
    for (const char letter : letters) all.insert(all.end(), sector_size, static_cast<std::byte>(letter));
    return all;
  }
  std::uint64_t write_begins(std::string_view letters, std::uint64_t sector = 0) {
    const std::vector<std::byte> data = bytes(letters);
    return history_.begins({.kind = RequestKind::write,
                            .device = device_,
                            .sector = sector,
                            .count = letters.size(),
                            .data = data});
  }
  std::uint64_t discard_begins() {
    return history_.begins({.kind = RequestKind::discard, .device = device_, .sector = 0, .count = 1});
  }
  std::uint64_t read_begins(std::uint64_t count = 1) {
    return history_.begins({.kind = RequestKind::read, .device = device_, .sector = 0, .count = count});
  }
  void ends(std::uint64_t operation) { history_.ended(operation, true, {}); }
  void fails(std::uint64_t operation) { history_.ended(operation, false, {}); }
  void returns(std::uint64_t read, std::string_view letters) { history_.ended(read, true, bytes(letters)); }
  void write(std::string_view letters) { ends(write_begins(letters)); }
  void read(std::string_view letters) { returns(read_begins(letters.size()), letters); }
  [[nodiscard]] bool holds() const { return !history_.wrong().has_value(); }

  sim::explore::Contents contents_;
  History history_{contents_};
  const std::string device_ = "d";
};

TEST_F(AHistory, AReadReturnsTheLastWrite) {
  write("A");
  write("B");
  read("B");
  EXPECT_TRUE(holds());
  read("A");
  ASSERT_FALSE(holds());
  EXPECT_EQ(history_.wrong()->device, "d");
  EXPECT_EQ(history_.wrong()->sector, 0U);
  EXPECT_EQ(history_.wrong()->found, contents_.number_of(bytes("A")));
  EXPECT_EQ(history_.wrong()->allowed, std::vector{contents_.number_of(bytes("B"))});
}

TEST_F(AHistory, EachSectorIsJudgedByItself) {
  const auto write = write_begins("AB");
  read("AO");
  EXPECT_TRUE(holds());
  ends(write);
  read("AO");
  ASSERT_FALSE(holds());
  EXPECT_EQ(history_.wrong()->sector, 1U);
}

TEST_F(AHistory, DuringAWriteAReadReturnsTheOldOrTheNew) {
  const auto write = write_begins("A");
  const auto old = read_begins();
  const auto fresh = read_begins();
  returns(old, "O");
  returns(fresh, "A");
  ends(write);
  EXPECT_TRUE(holds());
}

TEST_F(AHistory, NothingElseIsReturned) {
  const auto write = write_begins("A");
  const auto read = read_begins();
  ends(write);
  returns(read, "X");
  EXPECT_FALSE(holds());
}

TEST_F(AHistory, AfterTheNewTheOldDoesNotComeBack) {
  const auto write = write_begins("A");
  read("A");
  read("O");
  ends(write);
  EXPECT_FALSE(holds());
}

TEST_F(AHistory, OfTwoWritesAtOnceEitherIsLast) {
  for (const char* last : {"A", "B"}) {
    const auto a = write_begins("A");
    const auto b = write_begins("B");
    ends(a);
    ends(b);
    read(last);
  }
  EXPECT_TRUE(holds());
}

TEST_F(AHistory, WhichOfTwoIsLastDoesNotChange) {
  const auto a = write_begins("A");
  const auto b = write_begins("B");
  ends(a);
  ends(b);
  read("A");
  read("B");
  EXPECT_FALSE(holds());
}

TEST_F(AHistory, ThatOneOfTwoWasFirstIsKnownFromReads) {
  const auto a = write_begins("A");
  const auto b = write_begins("B");
  read("A");
  read("B");
  EXPECT_TRUE(holds());
  read("A");
  ends(a);
  ends(b);
  EXPECT_FALSE(holds());
}

TEST_F(AHistory, AWriteThatFailedIsThereOrNot) {
  fails(write_begins("A"));
  read("O");
  read("A");
  EXPECT_TRUE(holds());
  read("O");
  EXPECT_FALSE(holds());
}

TEST_F(AHistory, AReadThatFailedSaysNothing) {
  write("A");
  fails(read_begins());
  EXPECT_TRUE(holds());
}

TEST_F(AHistory, AfterADiscardAnythingMayBeThere) {
  ends(discard_begins());
  read("X");
  EXPECT_TRUE(holds());
}

TEST_F(AHistory, AWriteAfterADiscardIsThere) {
  ends(discard_begins());
  write("A");
  read("A");
  EXPECT_TRUE(holds());
  read("X");
  EXPECT_FALSE(holds());
}

TEST_F(AHistory, ADiscardUnderACopyIsExceptedAndCounted) {
  ends(discard_begins());
  write("A");
  read("O");
  EXPECT_TRUE(holds());
  EXPECT_EQ(history_.copies_over_discards(), 1U);
}

// It was slow: the device has come to rest with the copy under way.
TEST_F(AHistory, ADiscardUnderACopyIsExceptedAfterTheDeviceHasRested) {
  ends(discard_begins());
  history_.begin(device_, bytes("ZO"), {}, true);
  read("O");
  EXPECT_TRUE(holds());
  EXPECT_EQ(history_.copies_over_discards(), 1U);
  read("X");
  EXPECT_FALSE(holds());
}

TEST_F(AHistory, ADiscardIsNotExceptedOnceNothingIsCopied) {
  ends(discard_begins());
  EXPECT_TRUE(history_.has_discards(device_));
  history_.begin(device_, bytes("ZO"), {}, true);
  EXPECT_TRUE(history_.has_discards(device_));
  history_.begin(device_, bytes("ZO"));
  EXPECT_FALSE(history_.has_discards(device_));
  read("O");
  EXPECT_FALSE(holds());
}

TEST_F(AHistory, WhatWasNotDiscardedIsNoCopyAfterTheDeviceHasRested) {
  history_.begin(device_, bytes("ZO"), {}, true);
  read("O");
  EXPECT_FALSE(holds());
}

TEST_F(AHistory, AtRestAllOfTheDeviceIsRead) {
  write("A");
  history_.rests(device_, bytes("AX"));
  ASSERT_FALSE(holds());
  EXPECT_EQ(history_.wrong()->sector, 1U);
}

TEST_F(AHistory, WhatIsWrittenBelowEndsTheJudgement) {
  history_.begin(device_, bytes("OO"), {"disk"});
  const std::string disk = "disk";
  history_.ended(history_.begins({.kind = RequestKind::read, .device = disk, .sector = 0, .count = 1}), true,
                 bytes("X"));
  EXPECT_TRUE(history_.judges(device_));
  const std::vector<std::byte> data = bytes("X");
  history_.begins({.kind = RequestKind::write, .device = disk, .sector = 0, .count = 1, .data = data});
  EXPECT_FALSE(history_.judges(device_));
}

TEST_F(AHistory, OtherDevicesAreNotJudged) {
  const std::string other = "e";
  history_.ended(history_.begins({.kind = RequestKind::read, .device = other, .sector = 0, .count = 1}), true,
                 bytes("X"));
  history_.forget(device_);
  read("X");
  EXPECT_TRUE(holds());
}

}  // namespace
