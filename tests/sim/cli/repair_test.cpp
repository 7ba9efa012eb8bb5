// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim repair: what it says is lost, its exit statuses, and what it refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/cli/metadata_program.h"

namespace {

using test::Ended;
using test::Image;
using testing::EndsWith;
using testing::HasSubstr;

class RepairProgram : public test::MetadataProgram {
 protected:
  [[nodiscard]] Ended repair(const std::string& file, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {"repair", "-i", file, "-o", "new"};
    words.insert(words.end(), more.begin(), more.end());
    return dmsim.run(words);
  }
};

TEST_F(RepairProgram, ListsWhatIsLost) {
  const std::string before = dmsim.content_of("damaged");
  const Ended ended = repair("damaged");
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err, "");
  EXPECT_THAT(ended.out,
              testing::StartsWith("damaged: block " + std::to_string(damaged_block) + ": checksum "));
  EXPECT_THAT(ended.out,
              EndsWith("new: repaired\n"
                       "  3 of 130000 regions hydrated\n"
                       "  32576 of 130000 regions are lost, and not hydrated now:\n"
                       "    regions 32576 to 65151: sectors 260608 to 521215\n"
                       "  what was written to them is only on the destination, and is lost when they are "
                       "hydrated again\n"));
  EXPECT_EQ(dmsim.run({"check", "-q", "new"}).status, 0);
  EXPECT_EQ(dmsim.content_of("new").size(), before.size());
  EXPECT_EQ(dmsim.content_of("damaged"), before);
}

TEST_F(RepairProgram, OfWhatIsWholeLosesNothing) {
  for (const char* file : {"clean", "leak"}) {
    const Ended ended = repair(file);
    EXPECT_EQ(ended.status, 0);
    EXPECT_THAT(ended.out, EndsWith("new: repaired\n  2 of 125 regions hydrated\n"));
    EXPECT_EQ(dmsim.run({"check", "-q", "new"}).status, 0);
  }
}

TEST_F(RepairProgram, TheLastSectorIsTheClones) {
  Image image = Image::of_sample("small");
  image.superblock().target_size = 995;
  image.seal_superblock();
  image.at<std::byte>(image.array_block(), 1000) ^= std::byte{1};
  put("odd", image);
  EXPECT_THAT(repair("odd").out, HasSubstr("    regions 0 to 124: sectors 0 to 994\n"));
}

TEST_F(RepairProgram, WithoutASuperblockWantsTheSizes) {
  const Ended refused = repair("without-superblock");
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("the superblock is lost; --target and --region-size must say"));
  EXPECT_FALSE(exists("new"));
  EXPECT_EQ(repair("without-superblock", {"--target", "1000"}).status, 2);
  EXPECT_THAT(repair("without-superblock", {"--target", "1000", "--region-size", "9"}).err,
              HasSubstr("Region size is not a power of 2"));
  EXPECT_FALSE(exists("new"));
  const Ended ended = repair("without-superblock", {"--target", "1000", "--region-size", "8"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.out, HasSubstr("  0 of 125 regions hydrated\n  125 of 125 regions are lost"));
  EXPECT_EQ(dmsim.run({"check", "-q", "new"}).status, 0);
}

TEST_F(RepairProgram, RefusesSizesThatTheSuperblockContradicts) {
  EXPECT_EQ(repair("clean", {"--target", "1000", "--region-size", "8"}).status, 0);
  const Ended ended = repair("clean", {"--target", "1000", "--region-size", "16"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(
      ended.err,
      "dmsim: clean: is of a clone of 1000 sectors with regions of 8, not of 1000 with regions of 16\n");
  EXPECT_EQ(repair("clean", {"--target", "992", "--region-size", "8"}).status, 2);
}

TEST_F(RepairProgram, GivesAnImageThatLostItsEndItsSizeBack) {
  Image image = Image::of_sample("small");
  const std::size_t size = image.bytes().size();
  image.resize(3 * 4096);
  put("short", image);
  EXPECT_EQ(repair("short").status, 1);
  EXPECT_EQ(dmsim.content_of("new").size(), size);
  EXPECT_EQ(repair("short", {"--size", "64K"}).status, 1);
  EXPECT_EQ(dmsim.content_of("new").size(), 65536U);
}

TEST_F(RepairProgram, IgnoresANumberOfBlocksThatNoDeviceHas) {
  Image image = Image::of_sample("small");
  image.space_map().nr_blocks = std::uint64_t{1} << 40;
  image.seal_superblock();
  put("absurd", image);
  EXPECT_EQ(repair("absurd").status, 0);
  EXPECT_EQ(dmsim.content_of("new").size(), image.bytes().size());
}

TEST_F(RepairProgram, SaysThatASizeIsTooSmall) {
  const Ended ended = repair("clean", {"--size", "4K"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("dmsim: clean: 8 sectors are too small for the metadata"));
  EXPECT_FALSE(exists("new"));
}

TEST_F(RepairProgram, NeverWritesInPlace) {
  const std::string before = dmsim.content_of("damaged");
  const Ended ended = dmsim.shell("ln -s damaged link; dmsim repair -i damaged -o link");
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err, "dmsim: link: is the input, which stays as it is\n");
  EXPECT_EQ(dmsim.content_of("damaged"), before);
}

TEST_F(RepairProgram, QuietPrintsNothing) {
  const Ended ended = repair("damaged", {"-q"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out + ended.err, "");
}

TEST_F(RepairProgram, SaysTheSameAsADumpThatIsRestored) {
  EXPECT_EQ(repair("damaged").status, 1);
  EXPECT_EQ(
      dmsim.shell("dmsim dump -r damaged 2>/dev/null | dmsim restore -q -i - -o other; cmp new other").status,
      0);
}

}  // namespace
