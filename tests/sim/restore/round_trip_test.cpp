// SPDX-License-Identifier: GPL-2.0-or-later
// When a device that is restored has the bytes of the one that was dumped.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/host/sha256.h"
#include "sim/metadata/recover.h"
#include "sim/restore/restore.h"
#include "sim/store/memory_store.h"
#include "sim/store/store_image.h"

#include "tests/rig/clone.h"
#include "tests/sim/metadata/image.h"
#include "tests/support/test_name.h"

namespace {

using sim::metadata::Contents;
using sim::restore::Restored;
using test::Image;
using testing::HasSubstr;

Contents contents_of(const sim::Store& store) {
  return sim::metadata::recover(store).contents.value();
}

Contents contents_of(const Image& image) {
  sim::MemoryStore store(image.bytes().size());
  sim::load_image(store, image.bytes()).ignore();
  return contents_of(store);
}

Restored restored(const Contents& contents) {
  return sim::restore::restore(contents, sim::restore::default_size(contents));
}

// What a clone leaves after some commits, each of which `mark` prepares.
struct History {
  std::uint64_t regions;
  unsigned commits;
  dmcore::sector_t metadata_sectors;
};

Image left_by(const History& history, bool spread) {
  test::Machine machine;
  test::Clone clone(machine,
                    {.sectors = history.regions * 8 - 3, .metadata_sectors = history.metadata_sectors});
  machine.run([&] {
    clone.create();
    for (unsigned i = 0; i < history.commits; ++i) {
      const std::uint64_t region = spread ? history.regions / history.commits * i : 3 * i;
      clone.discard(region * 8, 16);
      clone.write((region + 2) * 8, "AAAAAAAA");
      clone.flush();
    }
    clone.remove();
  });
  return Image(clone.metadata().store());
}

class RoundTrip : public testing::TestWithParam<History> {};

// The whole device, with the blocks that are free again.
TEST_P(RoundTrip, OfAFormattedDeviceWithACommitIsTheSameToTheByte) {
  const Image image = left_by(GetParam(), true);
  const Restored result = restored(contents_of(image));
  ASSERT_NE(result.image, nullptr) << result.why_not;
  EXPECT_EQ(result.same_bytes, true);
  EXPECT_EQ(result.commits, GetParam().commits);
  EXPECT_EQ(Image(result.image->store()).bytes(), image.bytes());
}

INSTANTIATE_TEST_SUITE_P(OneCommit, RoundTrip,
                         testing::Values(History{60, 0, 128}, History{60, 1, 128}, History{1000, 1, 8192},
                                         History{32'576, 1, 8192}, History{32'577, 1, 8192},
                                         History{130'000, 1, 8192}, History{130'000, 0, 8192},
                                         History{260 * 32'576, 1, 17'000 * 8}, History{60, 1, 83}),
                         [](const auto& info) {
                           return fmt::format("{}_regions_{}_commits_{}_sectors", info.param.regions,
                                              info.param.commits, info.param.metadata_sectors);
                         });

// Of free blocks nothing is known, for what was in them is not in a dump.
TEST(RoundTripOfManyCommits, HasTheBlocksInUseIfThereIsOneArrayBlock) {
  for (unsigned commits = 1; commits <= 20; ++commits) {
    for (const dmcore::sector_t metadata_sectors : {96, 128, 8192}) {
      const Image image = left_by({1000, commits, metadata_sectors}, true);
      const Contents contents = contents_of(image);
      const Restored result = restored(contents);
      ASSERT_NE(result.image, nullptr);
      EXPECT_EQ(result.same_bytes, true) << commits << " " << metadata_sectors;
      EXPECT_EQ(contents_of(result.image->store()), contents);
      Image copy(result.image->store());
      for (const std::uint64_t block : {std::uint64_t{0}, copy.index_block(), copy.bitmap(),
                                        copy.count_root(), copy.bitset_root(), copy.array_block()}) {
        EXPECT_EQ(copy.at<sim::metadata::Block>(block), Image(image).at<sim::metadata::Block>(block))
            << block;
      }
    }
  }
}

TEST(RoundTripOfManyCommits, SaysWhyNotIfThereAreMoreArrayBlocks) {
  const Contents contents = contents_of(left_by({130'000, 5, 8192}, true));
  const Restored result = restored(contents);
  ASSERT_NE(result.image, nullptr);
  EXPECT_EQ(result.same_bytes, false);
  EXPECT_EQ(result.commits, 1U);
  EXPECT_THAT(result.why_other_bytes, HasSubstr("its blocks are at other places"));
  const Contents copy = contents_of(result.image->store());
  EXPECT_EQ(copy.hydrated, contents.hydrated);
  EXPECT_TRUE(Image(result.image->store()).check().clean());
}

std::string sha256(const sim::Store& store) {
  std::vector<std::byte> bytes(store.size());
  EXPECT_TRUE(store.read(0, bytes).ok());
  sim::host::Sha256 digest;
  digest.add(bytes);
  return digest.finish();
}

// Digests of Linux 6.1.192, which formatted a device of 4 MiB and hydrated region 0.
TEST(Restore, WritesTheKernelsBytes) {
  Contents contents;
  contents.region_size = 8;
  contents.target_size = 32768;
  EXPECT_EQ(sha256(sim::restore::restore(contents, 8192).image->store()),
            "9651ea7676b1fc78ece7ba82bb6531b2e76ca9814cd57c286050ce3874dfc40c");
  contents.hydrated.append(0, 1);
  EXPECT_EQ(sha256(sim::restore::restore(contents, 8192).image->store()),
            "c48c4e777e7f4f12d7078515f398329d951913a77914d34009b15d95ddba3418");
}

class RestoredSample : public testing::TestWithParam<std::string> {};

TEST_P(RestoredSample, HasTheSameRegionsAndIsClean) {
  const Contents contents = contents_of(Image::of_sample(GetParam()));
  const Restored result = restored(contents);
  ASSERT_NE(result.image, nullptr) << result.why_not;
  EXPECT_EQ(result.same_bytes, GetParam() != "many-array-blocks");
  EXPECT_EQ(contents_of(result.image->store()).hydrated, contents.hydrated);
  EXPECT_TRUE(Image(result.image->store()).check().clean());
}

INSTANTIATE_TEST_SUITE_P(Samples, RestoredSample,
                         testing::Values("small", "many-array-blocks", "many-commits", "nearly-full"),
                         [](const auto& info) { return test::with_underscores(info.param); });

TEST(Restore, SaysThatASuperblockHasWhatDmCloneDoesNotWrite) {
  Image image = Image::of_sample("small");
  image.superblock().uuid[0] = 1;
  image.seal_superblock();
  EXPECT_THAT(restored(contents_of(image)).why_other_bytes, HasSubstr("flags or a uuid"));
}

TEST(Restore, SaysThatRegionsAreLost) {
  Image image = Image::of_sample("small");
  image.at<std::byte>(image.array_block(), 100) ^= std::byte{1};
  EXPECT_EQ(restored(contents_of(image)).why_other_bytes, "some of its regions are lost");
}

TEST(Restore, SaysThatTheSizeIsAnotherOne) {
  const Contents contents = contents_of(Image::of_sample("small"));
  const Restored result = sim::restore::restore(contents, 2048);
  EXPECT_EQ(result.same_bytes, false);
  EXPECT_EQ(result.why_other_bytes, "its space map counts 1024 blocks, here 256");
  EXPECT_EQ(result.image->store().size(), 1U << 20);
}

TEST(Restore, WithoutALayoutDoesNotCompareAndHasTheSizeForEveryCommit) {
  Contents contents = contents_of(Image::of_sample("small"));
  contents.layout.reset();
  EXPECT_EQ(sim::restore::default_size(contents), 80U);
  const Restored result = restored(contents);
  EXPECT_FALSE(result.same_bytes);
  EXPECT_EQ(contents_of(result.image->store()).hydrated, contents.hydrated);
}

// A commit for all four array blocks has no room there; one for each has.
TEST(Restore, MakesSmallCommitsOnASmallDevice) {
  Contents contents = contents_of(Image::of_sample("many-array-blocks"));
  contents.layout.reset();
  EXPECT_EQ(sim::restore::restore(contents, 16 * 8).commits, 1U);
  const Restored small = sim::restore::restore(contents, 13 * 8);
  ASSERT_NE(small.image, nullptr) << small.why_not;
  EXPECT_EQ(small.commits, 3U);
  EXPECT_EQ(contents_of(small.image->store()).hydrated, contents.hydrated);
}

TEST(Restore, SaysHowMuchIsTooLittle) {
  Contents contents = contents_of(Image::of_sample("small"));
  for (const dmcore::sector_t size : {0, 7, 8, 40, 48, 72}) {
    const Restored result = sim::restore::restore(contents, size);
    EXPECT_EQ(result.image, nullptr) << size;
    EXPECT_EQ(result.why_not,
              fmt::format("{} sectors are too small for the metadata: formatting it takes 48, and 80 are "
                          "enough for every commit",
                          size));
  }
}

}  // namespace
