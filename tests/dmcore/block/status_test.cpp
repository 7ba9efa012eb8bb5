// SPDX-License-Identifier: GPL-2.0-or-later
// How a bio's status and an errno turn into each other (block/blk-core.c: blk_errors).
#include <gtest/gtest.h>
#include <ostream>
#include <string>

#include "dmcore/block/bio.h"

namespace dmcore {
namespace {

// A status, and the errno that belongs to it.
struct Pair {
  BlockStatus status;
  Errno error;
};

std::string name_of(const Pair& pair) {
  return pair.status == BlockStatus::ok ? "success" : std::string(errno_name(pair.error));
}

void PrintTo(const Pair& pair, std::ostream* out) {
  *out << name_of(pair);
}

class StatusAndErrno : public testing::TestWithParam<Pair> {};

INSTANTIATE_TEST_SUITE_P(
    Each, StatusAndErrno,
    testing::Values(Pair{BlockStatus::ok, Errno{0}}, Pair{BlockStatus::ioerr, Errno{5}},
                    Pair{BlockStatus::again, Errno{11}}, Pair{BlockStatus::resource, Errno{12}},
                    Pair{BlockStatus::nospc, Errno{28}}, Pair{BlockStatus::nexus, Errno{52}},
                    Pair{BlockStatus::medium, Errno{61}}, Pair{BlockStatus::transport, Errno{67}},
                    Pair{BlockStatus::protection, Errno{84}}, Pair{BlockStatus::notsupp, Errno{95}},
                    Pair{BlockStatus::timeout, Errno{110}}, Pair{BlockStatus::target, Errno{121}}),
    [](const auto& info) { return name_of(info.param); });

TEST_P(StatusAndErrno, TurnIntoEachOther) {
  EXPECT_EQ(to_errno(GetParam().status), GetParam().error);
  EXPECT_EQ(to_block_status(GetParam().error), GetParam().status);
}

TEST(StatusOfAnUnknownErrno, IsAnIoError) {
  EXPECT_EQ(to_block_status(Errno::inval), BlockStatus::ioerr);
}

}  // namespace
}  // namespace dmcore
