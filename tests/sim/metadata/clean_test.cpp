// SPDX-License-Identifier: GPL-2.0-or-later
// Metadata that dm-clone has written is clean, whatever its history.
#include <algorithm>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>

#include "tests/rig/clone.h"
#include "tests/rig/scenario.h"
#include "tests/sim/metadata/image.h"
#include "tests/support/source_tree.h"
#include "tests/support/test_name.h"

namespace {

using sim::metadata::Depth;
using test::Image;
using testing::IsEmpty;

class CleanMetadata : public testing::TestWithParam<test::MetadataSample> {};

TEST_P(CleanMetadata, HasNoFindings) {
  EXPECT_THAT(Image::of_sample(GetParam().name).findings(), IsEmpty());
}

TEST_P(CleanMetadata, HasNoFindingsWithoutItsBitset) {
  EXPECT_THAT(Image::of_sample(GetParam().name).findings(Depth::space_map), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Samples, CleanMetadata, testing::ValuesIn(test::metadata_samples()),
                         [](const auto& info) { return test::with_underscores(info.param.name); });

TEST(MetadataCheck, FindsNothingInATreeOfTwoLevels) {
  const sim::metadata::Report report = Image::with_internal_node().check();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.summary->regions_read, 300U * 32576);
  EXPECT_EQ(report.summary->hydrated, 1U);
}

TEST(MetadataCheck, FindsNothingInASpaceMapOfTwoBitmaps) {
  const sim::metadata::Report report = Image::with_two_bitmaps().check();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.summary->blocks, 17'000U);
  EXPECT_EQ(report.summary->blocks_used, 7U);
}

// What a scenario leaves on the metadata disk loop0.
Image left_by(const std::string& scenario) {
  test::Machine machine;
  test::run_scenario(machine, scenario);
  return Image(machine.disk("loop0")->store());
}

// Recorded scenarios that ask for the digest of loop0, so that it is known that a kernel's metadata has the
// same bytes, and damage nothing.
class MetadataOfAKernel : public testing::TestWithParam<std::string> {};

TEST_P(MetadataOfAKernel, HasNoFindings) {
  std::ifstream file(test::source_dir() / "tests/conformance/clone" / (GetParam() + ".dms"));
  const std::string scenario{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  ASSERT_THAT(scenario, testing::HasSubstr("sha256 loop0"));
  EXPECT_THAT(left_by(scenario).findings(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Recorded, MetadataOfAKernel,
                         testing::Values("fail-metadata", "history-many-array-blocks",
                                         "history-of-region-sizes", "metadata-bits-in-words",
                                         "metadata-bitset-boundaries", "metadata-history-of-aborts",
                                         "metadata-just-enough", "metadata-many-blocks",
                                         "metadata-many-commits", "metadata-many-regions-limits",
                                         "metadata-runs-out", "metadata-two-level-tree", "reopen",
                                         "two-clones-one-metadata"),
                         [](const auto& info) { return test::with_underscores(info.param); });

constexpr const char* disks = "disk loop0 64K\ndisk loop1 4M\ndisk loop2 4M\n";

TEST(MetadataCheck, FindsNothingAfterHydration) {
  const sim::metadata::Report report =
      left_by(std::string(disks) +
              "dmsetup create c --table \"0 8184 clone /dev/loop0 /dev/loop1 /dev/loop2 8\"\n"
              "until c \" 1023/1023 \"\ndmsetup remove c\n")
          .check();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.summary->regions, 1023U);
  EXPECT_EQ(report.summary->hydrated, 1023U);
}

TEST(MetadataCheck, FindsNothingAfterDiscards) {
  const sim::metadata::Report report =
      left_by(std::string(disks) +
              "dmsetup create c --table \"0 8192 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration\"\n"
              "discard c 0 1024\nflush c\ndiscard c 4096 800\nflush c\n"
              "discard c 8128 64\nflush c\ndmsetup remove c\n")
          .check();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.summary->hydrated, 236U);
}

// With 8 blocks a clone can be created, but its commit finds no space and is aborted.
TEST(MetadataCheck, FindsNothingAfterAnAbortedCommit) {
  const sim::metadata::Report report =
      left_by(
          "disk loop0 32K\ndisk loop1 4M\ndisk loop2 4M\n"
          "dmsetup create c --table \"0 8192 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration\"\n"
          "write c 0 8 B\nflush c\ndmsetup remove c\n")
          .check();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.summary->hydrated, 0U);
}

TEST(MetadataCheck, IgnoresBlocksThatNoSpaceMapCanCount) {
  test::Machine machine;
  test::Clone clone(machine, {.metadata_sectors = std::uint64_t{17} << 21});
  machine.run([&] { clone.create(); });
  const sim::metadata::Report report = sim::metadata::check(clone.metadata().store());
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.summary->blocks, 255U * 16320);
  EXPECT_EQ(report.summary->device_blocks, 255U * 16320);
}

TEST(MetadataCheck, SaysWhatTheSuperblockSays) {
  const sim::metadata::Report report = Image::of_sample("small").check();
  ASSERT_TRUE(report.summary);
  EXPECT_EQ(report.summary->version, 1U);
  EXPECT_EQ(report.summary->region_size, 8U);
  EXPECT_EQ(report.summary->target_size, 1000U);
  EXPECT_EQ(report.summary->regions, 125U);
  EXPECT_EQ(report.summary->hydrated, 2U);
  EXPECT_EQ(report.summary->blocks, 1024U);
  EXPECT_EQ(report.summary->blocks_used, 6U);
  EXPECT_EQ(report.summary->device_blocks, 1024U);
}

TEST(MetadataCheck, TakesADeviceOfZeroesForUnformatted) {
  Image image = Image::of_sample("small");
  std::fill(image.bytes().begin(), image.bytes().end(), std::byte{0});
  EXPECT_TRUE(image.check().unformatted);
  EXPECT_TRUE(image.check().clean());
}

TEST(MetadataCheck, OfTheSuperblockReadsNothingElse) {
  Image image = Image::of_sample("small");
  image.at<dmcore::le32>(image.index_block()) = 0;
  EXPECT_THAT(image.findings(Depth::superblock), IsEmpty());
}

TEST(MetadataCheck, WithoutTheBitsetReadsNoneOfIt) {
  Image image = Image::of_sample("small");
  image.at<dmcore::le32>(image.bitset_root()) = 0;
  EXPECT_THAT(image.findings(Depth::space_map), IsEmpty());
}

TEST(MetadataCheck, IgnoresTheRestOfADeviceThatHasGrown) {
  Image image = Image::of_sample("small");
  image.resize(image.bytes().size() + 10'000);
  EXPECT_THAT(image.findings(), IsEmpty());
}

}  // namespace
