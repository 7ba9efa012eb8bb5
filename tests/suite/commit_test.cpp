// SPDX-License-Identifier: GPL-2.0-or-later
// The commit tests of dm-clone's authors: a flush commits the metadata if it has changed, and so does a
// second that goes by; nothing else does. A commit is seen as the disk sees it, as a write of the superblock.
#include <gtest/gtest.h>

#include "tests/suite/clone_stack.h"

namespace suite {
namespace {

using std::chrono::seconds;

// Watches the disk on which the metadata begins at sector 0.
class SuperblockWatch final : public sim::WriteRecorder {
 public:
  explicit SuperblockWatch(sim::VirtualDisk& disk) : disk_(disk) { disk_.set_recorder(this); }
  ~SuperblockWatch() override { disk_.set_recorder(nullptr); }

  [[nodiscard]] bool seen() const { return seen_; }

  void written(sector_t sector, std::span<const std::byte> data) override {
    seen_ = seen_ || (sector == 0 && data.size() == dmcore::to_bytes(kib(4)));
  }
  void zeroed(sector_t, sector_t) override {}
  void flush_begins() override {}
  void flush_ended() override {}

 private:
  sim::VirtualDisk& disk_;
  bool seen_ = false;
};

enum class How { write, discard };
enum class Then { flush, wait };

class CommitTests : public testing::Test {
 protected:
  bool commits(Then then, const std::function<void()>& body) {
    rig.flush(stack.clone());  // nothing is pending
    SuperblockWatch watch(rig.fast_disk());
    rig.sleep(seconds(1));
    body();
    if (then == Then::flush) rig.flush(stack.clone());
    return watch.seen();
  }

  void check_commits(How how, Then then) {
    stack.activate([&] {
      const auto hydrate_first_region = [&] {
        if (how == How::write) rig.zero(stack.clone(), stack.options().region_size);
        if (how == How::discard) rig.discard(stack.clone(), 0, stack.options().region_size);
        if (then == Then::wait) rig.sleep(seconds(2));  // the period is one second
      };
      EXPECT_TRUE(commits(then, hydrate_first_region));
      EXPECT_EQ(stack.status().hydrated_regions, 1U);
      // It is hydrated now: another write changes no metadata.
      EXPECT_FALSE(commits(Then::flush, [&] { rig.zero(stack.clone(), stack.options().region_size); }));
    });
  }

  Rig rig;
  CloneStack stack{rig, {.size = gib(1), .metadata_size = mib(16), .hydration = false}};
};

TEST_F(CommitTests, commit_on_flush) {
  rig.run([&] {
    check_commits(How::write, Then::flush);
    check_commits(How::discard, Then::flush);
  });
}

TEST_F(CommitTests, commit_periodically) {
  rig.run([&] {
    check_commits(How::write, Then::wait);
    check_commits(How::discard, Then::wait);
  });
}

}  // namespace
}  // namespace suite
