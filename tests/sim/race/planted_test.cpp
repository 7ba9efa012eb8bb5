// SPDX-License-Identifier: GPL-2.0-or-later
// Mistakes that were planted in dmclone (the .sed files) are found in an ordinary run, first in, first out.
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/host_command.h"

namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

// Three processes write, to whole regions and to parts of them, while the writes before are in flight: one
// that had ended would have closed the device, which orders it before the next. The rest is hydrated
// meanwhile.
constexpr const char* scenario = R"(disk loop0 4M
disk loop1 1M write_latency=1s
disk loop2 1M
dmsetup create clone --table "0 2048 clone /dev/loop0 /dev/loop1 /dev/loop2 8 0"
write clone 1 1 A &
write clone 8 8 B &
write clone 17 1 C &
wait
sleep 5
dmsetup status clone
dmsetup remove clone
)";

// What it prints, on both outputs.
std::string output_of(const std::string& program) {
  const test::ScratchFolder folder;
  const std::string file = folder.path_of("clone.dms");
  std::ofstream(file) << scenario;
  return test::run_host_command({"sh", "-c", program + " replay " + file + " 2>&1; true"});
}

std::string output_with(const std::string& plant) {
  return output_of(std::string(DMSIM_PLANTED_FOLDER) + "/dmsim_" + plant);
}

TEST(PlantedRace, WithoutOneThereIsNoReport) {
  EXPECT_THAT(output_of(DMSIM_UNPLANTED), AllOf(HasSubstr("clone 8 "), Not(HasSubstr("race: "))));
}

TEST(PlantedRace, ACounterWithoutALock) {
  EXPECT_THAT(
      output_with("counter"),
      AllOf(HasSubstr("race: "), ContainsRegex("read by task [0-9]+ 'write &' \\(process\\), holds no locks"),
            ContainsRegex("write by task [0-9]+ 'write &' \\(process\\), holds no locks"),
            ContainsRegex("dmclone::CloneTarget::map[^\n]*\\(dmclone/clone_map.cpp:[0-9]+\\)")));
}

TEST(PlantedRace, ADroppedBucketLock) {
  EXPECT_THAT(
      output_with("bucket"),
      AllOf(HasSubstr("race: "), HasSubstr("holds 'clone hydration bucket'"), HasSubstr("holds no locks"),
            ContainsRegex("CloneTarget::update_metadata[^\n]*\\(dmclone/hydration.cpp:[0-9]+\\)")));
}

TEST(PlantedRace, AFlagThatIsReadWithoutItsLock) {
  EXPECT_THAT(
      output_with("flag"),
      AllOf(HasSubstr("race: a read and a write of 1 byte that nothing orders"),
            HasSubstr("holds 'clone bitmap'"),
            ContainsRegex("CloneMetadata::changed_this_transaction[^\n]*\\(dmclone/metadata.cpp:[0-9]+\\)")));
}

}  // namespace
