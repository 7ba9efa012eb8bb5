// SPDX-License-Identifier: GPL-2.0-or-later
// Damage of the superblock, one kind each, on an image that is clean otherwise.
#include <algorithm>

#include "tests/sim/metadata/metadata_damage.h"
#include "tests/support/failing_store.h"

namespace {

using test::DamagedMetadataCheck;
using test::Image;
using testing::ElementsAre;
using testing::StartsWith;

TEST_F(DamagedMetadataCheck, TooSmall) {
  image.resize(4095);
  EXPECT_THAT(image.findings(), ElementsAre("too-small: block 0: is not there: the device is smaller than a "
                                            "block of 4096 bytes (superblock)"));
}

TEST_F(DamagedMetadataCheck, ADeviceThatCannotBeRead) {
  test::FailingStore store(65536, "x");
  store.on_read = dmcore::Errno::io;
  const sim::metadata::Report report = sim::metadata::check(store);
  EXPECT_FALSE(report.unformatted);
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(describe(report.findings[0]), "block 0: cannot be read: Input/output error (superblock)");
}

TEST_F(DamagedMetadataCheck, ForeignData) {
  image.superblock().magic = 1;
  expect_of_superblock(
      "not-metadata: block 0: this is no metadata of a clone: magic number 0x1, expected "
      "0x8af27f64 (superblock)");
}

TEST_F(DamagedMetadataCheck, ABlockThatOnlyBeginsWithZeroes) {
  std::fill(image.bytes().begin(), image.bytes().begin() + 4095, std::byte{0});
  image.at<std::byte>(0, 4095) = std::byte{1};
  EXPECT_THAT(image.findings(),
              ElementsAre(StartsWith("not-metadata: block 0: this is no metadata of a clone: magic ")));
}

TEST_F(DamagedMetadataCheck, MetadataOfAThinPool) {
  image.superblock().magic = 27022010;
  expect_of_superblock(
      "not-metadata: block 0: this is the metadata of a thin pool, not of a clone (superblock)");
}

TEST_F(DamagedMetadataCheck, ChecksumOfTheSuperblock) {
  image.superblock().flags = 1;
  EXPECT_THAT(image.findings(), ElementsAre(StartsWith("checksum: block 0: checksum 0x")));
  EXPECT_FALSE(image.check().summary);
}

TEST_F(DamagedMetadataCheck, VersionsOfTheFuture) {
  image.superblock().version = 2;
  expect_of_superblock("version: block 0: version 2, expected 1 to 1 (superblock)");
}

TEST_F(DamagedMetadataCheck, VersionZero) {
  image.superblock().version = 0;
  expect_of_superblock("version: block 0: version 0, expected 1 to 1 (superblock)");
}

TEST_F(DamagedMetadataCheck, BlockNumberOfTheSuperblock) {
  image.superblock().blocknr = 3;
  expect_of_superblock("block-number: block 0: says that it is block 3 (superblock)");
}

TEST_F(DamagedMetadataCheck, FlagsOfTheSuperblock) {
  image.superblock().flags = 1;
  expect_of_superblock("superblock: block 0: flags 0x1, expected 0 (superblock)");
}

TEST_F(DamagedMetadataCheck, UuidOfTheSuperblock) {
  image.superblock().uuid[15] = 1;
  expect_of_superblock("superblock: block 0: has a uuid, which dm-clone leaves zero (superblock)");
}

TEST_F(DamagedMetadataCheck, RegionSizesOutOfRange) {
  for (const std::uint64_t size : {0, 4, 1 << 22}) {
    image.superblock().region_size = size;
    expect_of_superblock(fmt::format(
        "geometry: block 0: target of 1000 sectors, regions of {}: Invalid region size (superblock)", size));
  }
}

TEST_F(DamagedMetadataCheck, RegionSizesThatAreNoPowerOfTwo) {
  image.superblock().region_size = 12;
  expect_of_superblock(
      "geometry: block 0: target of 1000 sectors, regions of 12: Region size is not a power of 2 "
      "(superblock)");
}

TEST_F(DamagedMetadataCheck, TargetsWithoutLength) {
  image.superblock().target_size = 0;
  expect_of_superblock(
      "geometry: block 0: target of 0 sectors, regions of 8: zero-length target (superblock)");
}

TEST_F(DamagedMetadataCheck, TargetsOfMoreRegionsThanAreAllowed) {
  image.superblock().target_size = ~std::uint64_t{0};
  expect_of_superblock(
      "geometry: block 0: target of 18446744073709551615 sectors, regions of 8: Too many regions. Consider "
      "increasing the region size (superblock)");
}

TEST_F(DamagedMetadataCheck, TheLargestGeometriesAreNotRefused) {
  image.superblock().region_size = 1 << 21;
  image.superblock().target_size = std::uint64_t{1} << 52;
  image.seal_superblock();
  EXPECT_THAT(image.findings(sim::metadata::Depth::superblock), testing::IsEmpty());
  image.superblock().target_size += 1;
  image.seal_superblock();
  EXPECT_THAT(image.findings(sim::metadata::Depth::superblock),
              ElementsAre(testing::HasSubstr(": Too many regions. ")));
}

TEST_F(DamagedMetadataCheck, GeometriesWithoutWhichTheBitsetHasAnyLength) {
  image = Image::of_sample("many-array-blocks");
  image.superblock().region_size = 0;
  image.seal_superblock();
  EXPECT_THAT(image.findings(), ElementsAre(StartsWith("geometry: block 0: ")));
  EXPECT_EQ(image.check().summary->regions, 0U);
  EXPECT_EQ(image.check().summary->regions_read, 0U);
}

}  // namespace
