// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/libdm/lvm_name.h"

#include <gtest/gtest.h>

namespace {

using sim::libdm::split_lvm_name;

TEST(LvmName, HasThreeParts) {
  const auto split = split_lvm_name("LVM", "vg-lv-layer");
  EXPECT_EQ(split.vg_name, "vg");
  EXPECT_EQ(split.lv_name, "lv");
  EXPECT_EQ(split.lv_layer, "layer");
}

TEST(LvmName, ADoubledHyphenIsOneInsideAPart) {
  const auto split = split_lvm_name("LVM", "my--vg-my--lv");
  EXPECT_EQ(split.vg_name, "my-vg");
  EXPECT_EQ(split.lv_name, "my-lv");
  EXPECT_EQ(split.lv_layer, "");
}

TEST(LvmName, OfAnotherSubsystemIsNotTakenApart) {
  const auto split = split_lvm_name("CRYPT", "a-b");
  EXPECT_EQ(split.subsystem, "CRYPT");
  EXPECT_EQ(split.vg_name, "");
}

}  // namespace
