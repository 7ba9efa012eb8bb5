// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/touched.h"

#include <bitset>
#include <cstdint>
#include <gtest/gtest.h>

namespace sim::explore {
namespace {

using dmcore::Access;
using dmcore::AccessKind;
using Who = std::bitset<4>;

class TouchedDisk : public testing::Test {
 protected:
  void write(std::uint32_t first, std::uint16_t parts, std::size_t who) {
    touched_.of({&disk_, first, AccessKind::write, parts})[static_cast<std::size_t>(AccessKind::write)].set(
        who);
  }
  // Those that come before a write.
  [[nodiscard]] Who met(std::uint32_t first, std::uint16_t parts) const {
    Who all;
    touched_.for_each_before({&disk_, first, AccessKind::write, parts}, [&](const Who& who) { all |= who; });
    return all;
  }

 private:
  const int disk_ = 0;
  Touched<Who> touched_;
};

TEST_F(TouchedDisk, IsMetByThoseWithAPartInCommon) {
  write(2, 3, 0);
  write(4, 1, 1);
  write(8, 8, 2);
  EXPECT_EQ(met(4, 1), Who(0b011));
  EXPECT_EQ(met(3, 1), Who(0b001));
  EXPECT_EQ(met(4, 5), Who(0b111));
  EXPECT_EQ(met(5, 3), Who(0b000));
  EXPECT_EQ(met(15, 4), Who(0b100));
}

TEST_F(TouchedDisk, IsMetAsAWholeByAll) {
  write(2, 3, 0);
  write(7, 1, 1);
  EXPECT_EQ(met(Access::whole, 1), Who(0b011));
  write(Access::whole, 1, 2);
  EXPECT_EQ(met(100, 1), Who(0b100));
  EXPECT_EQ(met(100, 2), Who(0b100));
}

}  // namespace
}  // namespace sim::explore
