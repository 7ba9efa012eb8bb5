// SPDX-License-Identifier: GPL-2.0-or-later
// The output of `dmsetup table`, understood.
#include <gtest/gtest.h>

#include "sim/tables/order.h"
#include "sim/tables/report.h"

namespace {

using namespace sim::tables;

Stack stack_of(const std::string& text, const std::string& list = "") {
  Request request;
  request.name = "t";
  request.text = text;
  if (!list.empty()) request.lists.emplace_back("l", list);
  return understand(request);
}

TEST(Tables, DevicesComeAfterThoseTheyStandOn) {
  const Stack stack = stack_of("a: 0 8 linear /dev/mapper/b 0\nb: 0 8 zero\n");
  EXPECT_EQ(creation_order(stack).devices, (std::vector<std::size_t>{1, 0}));
}

TEST(Tables, ACircleIsReported) {
  const Order order =
      creation_order(stack_of("a: 0 8 linear /dev/mapper/b 0\nb: 0 8 linear /dev/mapper/a 0\n"));
  ASSERT_EQ(order.notes.size(), 1U);
  EXPECT_TRUE(order.devices.empty());
}

TEST(Tables, AListSaysWhichDeviceHasWhichNumber) {
  const Stack stack = stack_of("a: 0 8 linear 252:5 0\nb: 0 8 zero\nc: 0 8 zero\n", "c\t(252:5)\n");
  EXPECT_EQ(stack.devices[0].lines[0].uses[0].referent.index, 2U);
}

TEST(Tables, WhatIsAmbiguousIsNotGuessed) {
  const Stack stack = stack_of("a: 0 8 linear 253:5 0\nb: 0 8 zero\nc: 0 8 zero\n");
  EXPECT_EQ(stack.devices[0].lines[0].uses[0].referent.kind, Referent::Kind::disk);
  EXPECT_EQ(stack.notes.back().kind, Note::Kind::replaced);
}

TEST(Tables, ADiskIsAsLargeAsWhatIsUsedOfIt) {
  EXPECT_EQ(stack_of("a: 0 8 linear 8:16 100\nb: 0 8 linear 8:16 20\n").disks.at(0).sectors, 108U);
}

}  // namespace
