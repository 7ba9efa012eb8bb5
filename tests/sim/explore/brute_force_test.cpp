// SPDX-License-Identifier: GPL-2.0-or-later
// The search against brute force: on small runs, every combination of what each sector may hold is put on the
// disks, one by one, and the devices are set up on real bytes. What can be read then must be what the search
// says that can be read: neither less, nor more.
#include <gtest/gtest.h>
#include <set>

#include "sim/explore/disks.h"
#include "sim/explore/recovery_tree.h"
#include "sim/explore/workload.h"

namespace {

using namespace sim::explore;

using Content = std::vector<ContentId>;  // of a device
using Reachable = std::set<Content>;

// All ways to take one of each.
template <class Use>
void for_each_combination(const std::vector<std::vector<ContentId>>& choices, Use use) {
  std::vector<std::size_t> place(choices.size(), 0);
  for (;;) {
    Content content;
    for (std::size_t i = 0; i < choices.size(); ++i) content.push_back(choices[i][place[i]]);
    use(content);
    std::size_t i = 0;
    while (i < place.size() && ++place[i] == choices[i].size()) place[i++] = 0;
    if (i == place.size()) return;
  }
}

class BruteForce {
 public:
  explicit BruteForce(const std::string& scenario)
      : workload_(run_workload(contents_, scenario, WorkloadOptions())) {}

  [[nodiscard]] const Workload& workload() const { return workload_; }
  [[nodiscard]] const Run& run() const { return *workload_.run; }
  [[nodiscard]] const Devices& devices() const { return run().devices.back(); }

  // What the search says.
  Reachable searched(const Disks& disks, Tear tear) {
    Reachable reachable;
    RecoveryTree tree([this](const AnswerRead& answer) {
      auto leaf = std::make_unique<Leaf>(contents_);
      run_recovery(contents_, {}, run().disks, devices(), answer, leaf->recovery);
      return leaf;
    });
    tree.visit([&](std::uint32_t disk, std::uint32_t block,
                   std::vector<BlockContent>& out) { disks.block_candidates(disk, block, tear, out); },
               [&](const Leaf& leaf) { add(disks, leaf.recovery, reachable); });
    return reachable;
  }

  // What is so. Nothing if there are too many states.
  std::optional<Reachable> tried(const Disks& disks) {
    constexpr std::size_t states_max = 3000;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> places;  // disk, sector
    std::vector<std::vector<ContentId>> choices;
    std::size_t states = 1;
    for (std::uint32_t disk = 0; disk < run().disks.size(); ++disk) {
      disks[disk].for_each_undetermined([&](std::uint32_t sector, const auto&) {
        std::vector<ContentId> candidates;
        disks[disk].candidates(sector, candidates);
        if (candidates.size() == 1) return;
        states *= candidates.size();
        places.emplace_back(disk, sector);
        choices.push_back(candidates);
      });
      if (states > states_max) return std::nullopt;
    }
    Reachable reachable;
    for_each_combination(choices, [&](const Content& content) {
      ++states_tried;
      reachable.insert(concrete(disks, places, content));
    });
    return reachable;
  }

  std::size_t states_tried = 0;

 private:
  void add(const Disks& disks, const Recovery& recovery, Reachable& reachable) {
    EXPECT_EQ(recovery.failure, "");
    std::vector<std::vector<ContentId>> choices;
    for (const ContentId seen : recovery.seen.front()) {
      std::vector<ContentId>& candidates = choices.emplace_back();
      if (Contents::is_token(seen)) {
        disks[Contents::token(seen).disk].candidates(Contents::token(seen).sector, candidates);
      } else {
        candidates.push_back(seen);
      }
    }
    for_each_combination(choices, [&](const Content& content) { reachable.insert(content); });
  }

  // What is read if those sectors hold that, and all others the one thing that they can.
  Content concrete(const Disks& disks, const std::vector<std::pair<std::uint32_t, std::uint32_t>>& places,
                   const Content& content) {
    std::vector<Disk> with_bytes = run().disks;
    for (Disk& disk : with_bytes)
      disk.metadata.add(sim::explore::sector_range(0, disk.size_bytes / dmcore::sector_size));
    const auto answer = [&](std::uint32_t disk, std::uint32_t block) {
      BlockContent found;
      for (std::uint32_t i = 0; i < block_sectors; ++i) {
        const std::uint32_t sector = block * block_sectors + i;
        found[i] = disks[disk].newest(sector);
        for (std::size_t j = 0; j < places.size(); ++j) {
          if (places[j] == std::pair(disk, sector)) found[i] = content[j];
        }
      }
      return found;
    };
    Recovery recovery(contents_);
    run_recovery(contents_, {}, with_bytes, devices(), answer, recovery);
    EXPECT_EQ(recovery.failure, "");
    return recovery.seen.front();
  }

  Contents contents_;
  Workload workload_;
};

const std::string clone =
    "disk loop0 4M\ndisk loop1 16\ndisk loop2 16\nwrite loop2 0 16 @S\nflush loop2\n"
    "dmsetup create c --table '0 16 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration'\n";

class BruteForceTest : public testing::TestWithParam<const char*> {};

TEST_P(BruteForceTest, SaysTheSame) {
  BruteForce both(clone + GetParam());
  ASSERT_TRUE(both.workload().run) << both.workload().complaint;
  const sim::explore::Run& run = both.run();
  Disks disks(run.disks, run.contents);
  bool created = false;
  std::size_t compared = 0;
  std::set<std::uint64_t> seen;
  for (std::size_t i = 0; i < run.trace.events().size(); ++i) {
    const Event& event = run.trace.events()[i];
    created = created || event.kind == Event::Kind::devices;
    if (event.kind <= Event::Kind::replaced) disks.apply(run.trace, event);
    if (!created || !seen.insert(disks.signature()).second) continue;
    const auto tried = both.tried(disks);
    if (!tried) continue;
    ++compared;
    EXPECT_EQ(both.searched(disks, Tear::sectors), *tried) << "after event " << i;
    // Blocks that tear in fewer ways reach no more.
    for (const Content& content : both.searched(disks, Tear::halves)) EXPECT_TRUE(tried->contains(content));
  }
  EXPECT_GE(compared, 10U);
  EXPECT_GE(both.states_tried, 50U);
}

INSTANTIATE_TEST_SUITE_P(
    Programs, BruteForceTest,
    testing::Values("write c 0 2 @A\nflush c\nwrite c 1 1 @B\n",
                    "write c 0 1 @A fua\nwrite c 0 2 @B\nflush c\n",
                    "write c 3 2 @A\nwrite c 4 2 @B\nwrite c 9 1 @C\nflush c\n",
                    "discard c 0 8\nwrite c 2 1 @A\nflush c\n",
                    "write c 0 1 @A\nflush c\ndmsetup remove c\ndmsetup create c --table '0 16 clone "
                    "/dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration'\nwrite c 8 1 @B fua\n"));

}  // namespace
