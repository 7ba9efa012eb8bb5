// SPDX-License-Identifier: GPL-2.0-or-later
// Two tasks use a clone's metadata, at once or one after the other without waiting for each other: its locks
// must order them, which the preset `race` checks.
#include <array>
#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>
#include <string_view>

#include "dmclone/metadata.h"

#include "tests/rig/machine.h"

namespace {

using dmclone::CloneMetadata;
using dmcore::Errno;
using dmcore::Status;

constexpr std::uint64_t raced_regions = 256;
constexpr dmcore::sector_t sectors_of_raced_region = 8;

struct Use {
  std::string_view name;
  std::function<Status(CloneMetadata&)> run;
  bool marks = false;    // sets bits of the bitmap,
  bool reloads = false;  // which must not be done during a reload
};

Status commit_both_phases(CloneMetadata& metadata) {
  DMCORE_TRY(metadata.pre_commit());
  return metadata.commit();
}

const std::array<Use, 10>& uses() {
  static const std::array<Use, 10> all = {{
      {.name = "a region", .run = [](CloneMetadata& it) { return it.set_region_hydrated(1); }, .marks = true},
      {.name = "a range", .run = [](CloneMetadata& it) { return it.cond_set_range(2, 70); }, .marks = true},
      {.name = "the question whether something changed",
       .run =
           [](CloneMetadata& it) {
             (void)it.changed_this_transaction();
             return Status();
           }},
      {.name = "a first phase", .run = [](CloneMetadata& it) { return it.pre_commit(); }},
      {.name = "a commit", .run = commit_both_phases},
      {.name = "an abort", .run = [](CloneMetadata& it) { return it.abort(); }},
      {.name = "a reload",
       .run = [](CloneMetadata& it) { return it.reload_in_core_bitset(); },
       .reloads = true},
      {.name = "a change of the mode",
       .run =
           [](CloneMetadata& it) {
             it.set_read_only();
             it.set_read_write();
             return Status();
           }},
      {.name = "the question for free space",
       .run = [](CloneMetadata& it) { return it.free_metadata_blocks().status(); }},
      {.name = "the question for space",
       .run = [](CloneMetadata& it) { return it.metadata_blocks().status(); }},
  }};
  return all;
}

// `second` begins so much later, or at the same time.
void use_by_two(const Use& first, const Use& second, dmcore::Duration later,
                const sim::Schedule& schedule = {}) {
  SCOPED_TRACE(fmt::format("{}, then {}, seed {}", first.name, second.name, schedule.seed));
  test::Machine machine(schedule);
  sim::VirtualDisk& disk = machine.add_disk(8192);
  machine.run([&] {
    auto opened = CloneMetadata::open(machine.kernel(), disk, raced_regions * sectors_of_raced_region,
                                      sectors_of_raced_region);
    ASSERT_TRUE(opened.ok());
    CloneMetadata& metadata = **opened;
    ASSERT_TRUE(metadata.set_region_hydrated(0).ok());
    machine.in_parallel(2, [&](unsigned number) {
      if (number == 1) machine.runtime().sleep_for(later);
      const Status status = (number == 0 ? first : second).run(metadata);
      // The other may have begun a commit, or made it read-only for a moment.
      EXPECT_TRUE(status.ok() || status == Errno::inval || status == Errno::perm);
    });
    EXPECT_EQ(metadata.metadata_blocks().value(), 1024U);
    metadata.close();
  });
  EXPECT_EQ(machine.check_idle(), "");
}

TEST(MetadataOfTwoTasks, AreOrderedByTheirLocks) {
  for (const Use& first : uses()) {
    for (const Use& second : uses()) {
      const bool allowed = !(first.marks && second.reloads) && !(first.reloads && second.marks);
      if (!allowed) continue;
      use_by_two(first, second, std::chrono::seconds(1));
      for (std::uint64_t seed = 1; seed <= 8; ++seed)
        use_by_two(first, second, {}, {.kind = sim::Schedule::Kind::random, .seed = seed});
      if (testing::Test::HasFailure()) return;
    }
  }
}

}  // namespace
