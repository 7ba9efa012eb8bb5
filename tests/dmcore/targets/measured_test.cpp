// SPDX-License-Identifier: GPL-2.0-or-later
// What targets tell the integrity measurement (StatusType::ima): a line of names and values, or nothing.
#include <gtest/gtest.h>

#include "tests/rig/dm_machine.h"

namespace test {
namespace {

class MeasuredTarget : public testing::Test {
 protected:
  MeasuredTarget() {
    bench.add_disk(256);
    bench.add_disk(256);
  }
  std::string measured(const std::string& type, const std::string& params) {
    std::string line;
    bench.run([&] {
      bench.make("d", 128, type, params);
      line = bench.measured("d");
    });
    return line;
  }

  DmMachine bench;
};

TEST_F(MeasuredTarget, LinearTellsItsDeviceAndStart) {
  EXPECT_EQ(measured("linear", "/dev/loop1 8"),
            "target_name=linear,target_version=1.4.0,device_name=7:1,start=8;");
}

TEST_F(MeasuredTarget, StripedTellsEachStripe) {
  EXPECT_EQ(measured("striped", "2 8 /dev/loop0 0 /dev/loop1 64"),
            "target_name=striped,target_version=1.6.0,stripes=2,chunk_size=8,"
            "stripe_0_device_name=7:0,stripe_0_physical_start=0,stripe_0_status=A,"
            "stripe_1_device_name=7:1,stripe_1_physical_start=64,stripe_1_status=A;");
}

TEST_F(MeasuredTarget, OthersTellNothing) {
  EXPECT_EQ(measured("zero", ""), "");
}

TEST_F(MeasuredTarget, DelayTellsNothing) {
  EXPECT_EQ(measured("delay", "/dev/loop0 0 10"), "");
}

TEST_F(MeasuredTarget, FlakeyTellsNothing) {
  EXPECT_EQ(measured("flakey", "/dev/loop0 0 5 5"), "");
}

TEST_F(MeasuredTarget, DustTellsNothing) {
  EXPECT_EQ(measured("dust", "/dev/loop0 0 512"), "");
}

}  // namespace
}  // namespace test
