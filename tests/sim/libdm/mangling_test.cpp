// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/libdm/mangling.h"

#include <gtest/gtest.h>

namespace sim::libdm {
namespace {

using Outcome = MangleResult::Outcome;
constexpr std::size_t name_size = 128;

MangleResult mangled(std::string_view text, Mangling mode = Mangling::automatic) {
  return mangle(text, "name", name_size, mode);
}

TEST(Mangle, LeavesPlainNamesAlone) {
  EXPECT_EQ(mangled("vg-lv_0.1:a@b+c=#d").outcome, Outcome::unchanged);
}

TEST(Mangle, WritesOtherCharactersInHexadecimal) {
  EXPECT_EQ(mangled("a b/").text, "a\\x20b\\x2f");
}

TEST(Mangle, LeavesMangledNamesAlone) {
  EXPECT_EQ(mangled("a\\x20b").outcome, Outcome::unchanged);
}

TEST(Mangle, RefusesMixtures) {
  EXPECT_EQ(mangled("a\\x20b c").outcome, Outcome::failed);
  EXPECT_EQ(mangled("a b\\x20c").outcome, Outcome::failed);
}

TEST(Mangle, HexModeManglesTheBackslash) {
  EXPECT_EQ(mangled("a\\x20", Mangling::hex).text, "a\\x5cx20");
}

TEST(Mangle, RefusesWhatGetsTooLong) {
  EXPECT_EQ(mangled(std::string(32, ' ')).outcome, Outcome::failed);
  EXPECT_EQ(mangled(std::string(31, ' ')).outcome, Outcome::changed);
  EXPECT_EQ(mangled(std::string(128, 'a')).outcome, Outcome::failed);
}

TEST(Unmangle, IsTheWayBack) {
  EXPECT_EQ(unmangle("a\\x20b\\x2f", "name", Mangling::automatic).text, "a b/");
}

TEST(Unmangle, RefusesWhatShouldHaveBeenMangled) {
  EXPECT_EQ(unmangle("a b", "name", Mangling::automatic).outcome, Outcome::failed);
  EXPECT_EQ(unmangle("a b", "name", Mangling::none).outcome, Outcome::unchanged);
}

TEST(Mangle, FindsWhatWasMangledTwice) {
  EXPECT_TRUE(mangled_more_than_once("a\\x5cx20b"));
  EXPECT_FALSE(mangled_more_than_once("a\\x5cb"));
}

}  // namespace
}  // namespace sim::libdm
