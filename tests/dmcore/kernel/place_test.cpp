// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/kernel/place.h"

#include <gmock/gmock.h>

namespace {

using dmcore::Place;
using testing::MatchesRegex;

Place called_from(Place place = Place::here()) {
  return place;
}

TEST(Place, IsThatOfTheCallNamedFromTheTopOfTheTree) {
  const Place first = called_from();
  const Place second = called_from();
  EXPECT_EQ(second.line, first.line + 1);
  EXPECT_THAT(to_string(first), MatchesRegex("tests/dmcore/kernel/place_test\\.cpp:[0-9]+"));
}

TEST(Place, OutsideOfTheTreeHasItsFullName) {
  EXPECT_EQ(to_string(Place{"/usr/src/target.cpp", 7}), "/usr/src/target.cpp:7");
}

TEST(Place, ThatIsNoneHasNoText) {
  EXPECT_EQ(to_string(Place()), "");
}

}  // namespace
