// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim check: what it prints, and its exit statuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/sim/cli/dmsim_program.h"
#include "tests/sim/metadata/image.h"

namespace {

using test::Ended;
using test::Image;
using testing::HasSubstr;

class CheckProgram : public testing::Test {
 protected:
  void put(const std::string& name, const Image& image) const {
    dmsim.file(name, {reinterpret_cast<const char*>(image.bytes().data()), image.bytes().size()});
  }
  void SetUp() override {
    Image image = Image::of_sample("small");
    put("clean", image);
    image.set_count(500, 1);
    put("leak", image);
    image.superblock().bitset_root = 900;
    image.seal_superblock();
    put("damaged", image);
  }

  test::DmsimProgram dmsim;
};

TEST_F(CheckProgram, SaysWhatIsInCleanMetadata) {
  const Ended ended = dmsim.run({"check", "clean"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.err, "");
  EXPECT_EQ(ended.out,
            "clean: clean\n"
            "  version 1; target of 1000 sectors (500 KiB), in 125 regions of 8 sectors (4 KiB)\n"
            "  2 of 125 regions hydrated\n"
            "  6 of 1024 blocks of 4096 bytes in use\n");
}

TEST_F(CheckProgram, FailsOnDamage) {
  const Ended ended = dmsim.run({"check", "damaged"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.out, testing::StartsWith("damaged: block 900: checksum 0x00000000, expected 0x"));
  EXPECT_THAT(ended.out, HasSubstr(" (superblock > bitset root 900)\ndamaged: damaged\n  version 1; "));
}

TEST_F(CheckProgram, FailsOnLeaksUnlessTheyAreIgnored) {
  EXPECT_EQ(dmsim.run({"check", "leak"}).status, 1);
  const Ended ignored = dmsim.run({"check", "--ignore-non-fatal-errors", "leak"});
  EXPECT_EQ(ignored.status, 0);
  EXPECT_THAT(ignored.out, HasSubstr("leak: block 500: 1 reference in the space map, but not in use"));
  EXPECT_THAT(ignored.out, HasSubstr("leak: leaks\n"));
  EXPECT_EQ(dmsim.run({"check", "--ignore-non-fatal-errors", "damaged"}).status, 1);
}

TEST_F(CheckProgram, QuietPrintsNothing) {
  for (const auto& [file, status] : {std::pair{"clean", 0}, std::pair{"damaged", 1}, std::pair{"none", 2}}) {
    const Ended ended = dmsim.run({"check", "-q", file});
    EXPECT_EQ(ended.status, status);
    EXPECT_EQ(ended.out + ended.err, "");
  }
}

TEST_F(CheckProgram, ChecksOnlyWhatItIsAskedTo) {
  EXPECT_EQ(dmsim.run({"check", "--super-block-only", "damaged", "leak"}).status, 0);
  EXPECT_EQ(dmsim.run({"check", "--skip-mappings", "damaged", "leak"}).status, 0);
}

TEST_F(CheckProgram, ChecksAllFilesAndExitsWithTheWorst) {
  const Ended ended = dmsim.run({"check", "clean", "none", "damaged"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err, "dmsim: none: No such file or directory\n");
  EXPECT_THAT(ended.out, HasSubstr("clean: clean\n"));
  EXPECT_THAT(ended.out, HasSubstr("damaged: damaged\n"));
}

TEST_F(CheckProgram, PrintsAnObjectForEachFile) {
  const Ended ended = dmsim.run({"check", "--json", "clean", "leak", "none"});
  EXPECT_EQ(ended.status, 2);
  std::istringstream lines(ended.out);
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(nlohmann::json::parse(line), nlohmann::json::parse(R"({
    "file": "clean", "result": "clean", "findings": [],
    "summary": {"version": 1, "region_size": 8, "target_size": 1000, "regions": 125, "regions_read": 125,
                "regions_hydrated": 2, "block_size": 4096, "blocks": 1024, "blocks_used": 6,
                "device_blocks": 1024}})"));
  std::getline(lines, line);
  const auto leak = nlohmann::json::parse(line);
  EXPECT_EQ(leak["result"], "leaks");
  ASSERT_EQ(leak["findings"].size(), 1U);
  auto finding = leak["findings"][0];
  EXPECT_THAT(finding["path"].get<std::string>(), testing::StartsWith("superblock > index block "));
  finding.erase("path");
  EXPECT_EQ(finding, nlohmann::json::parse(R"({"kind": "leak", "fatal": false, "block": 500, "blocks": 1,
    "what": "1 reference in the space map, but not in use"})"));
  std::getline(lines, line);
  EXPECT_EQ(nlohmann::json::parse(line), nlohmann::json::parse(R"({"file": "none", "result": "unopened",
    "reason": "No such file or directory"})"));
}

TEST_F(CheckProgram, SaysThatADeviceOfZeroesIsNotFormatted) {
  dmsim.file("zeroes", std::string(65536, '\0'));
  const Ended ended = dmsim.run({"check", "zeroes"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(
      ended.out,
      "zeroes: not formatted: block 0 is all zeroes, so a clone formats it when its table is loaded, and "
      "begins without a hydrated region\n");
  EXPECT_EQ(dmsim.run({"check", "--ignore-non-fatal-errors", "zeroes"}).status, 1);
}

TEST_F(CheckProgram, SaysThatAFileIsTooSmall) {
  dmsim.file("small", "abc");
  const Ended ended = dmsim.run({"check", "small"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.out, HasSubstr("the device is smaller than a block of 4096 bytes"));
}

TEST_F(CheckProgram, SaysThatAFolderIsNoDevice) {
  const Ended ended = dmsim.run({"check", "."});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err, "dmsim: .: neither a file nor a block device\n");
}

TEST_F(CheckProgram, RefusesAFileInUse) {
  const Ended ended = dmsim.shell("flock clean sh -c 'dmsim() { " + test::DmsimProgram::path() +
                                  " \"$@\"; }; dmsim check clean'");
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err, "dmsim: clean: in use, and could change while it is read\n");
}

TEST_F(CheckProgram, WantsAFile) {
  EXPECT_EQ(dmsim.run({"check"}).status, 2);
  EXPECT_EQ(dmsim.run({"check", "-q", "--json", "clean"}).status, 2);
}

}  // namespace
