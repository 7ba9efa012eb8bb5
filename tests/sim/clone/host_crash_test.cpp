// SPDX-License-Identifier: GPL-2.0-or-later
// A crash of the host in the middle of a clone: of what was written since a file's last sync, any part may be
// lost. Whatever is left, the clone can be resumed.
#include <algorithm>
#include <random>

#include "sim/store/memory_store.h"

#include "tests/sim/clone/job_fixture.h"

namespace {

// A store that knows what is durable. Blocks of 4 KiB are written whole.
class PageCache final : public sim::Store {
 public:
  explicit PageCache(std::uint64_t size_bytes) : durable_(size_bytes), now_(size_bytes) {}

  [[nodiscard]] std::uint64_t size() const override { return now_.size(); }
  dmcore::Status read(std::uint64_t offset, std::span<std::byte> out) const override {
    return now_.read(offset, out);
  }
  dmcore::Status write(std::uint64_t offset, std::span<const std::byte> data) override {
    dirty(offset, data.size());
    return now_.write(offset, data);
  }
  dmcore::Status discard(std::uint64_t offset, std::uint64_t length) override {
    dirty(offset, length);
    return now_.discard(offset, length);
  }
  dmcore::Status sync() override {
    for (const std::uint64_t block : dirty_) copy(now_, durable_, block);
    dirty_.clear();
    return {};
  }
  [[nodiscard]] dmcore::Result<std::optional<Extent>> next_extent(std::uint64_t offset) const override {
    return now_.next_extent(offset);
  }

  // Loses some of what was not synced.
  void crash(std::mt19937_64& random) {
    for (const std::uint64_t block : dirty_) {
      if (random() % 2 == 0) {
        copy(durable_, now_, block);
      } else {
        copy(now_, durable_, block);
      }
    }
    dirty_.clear();
  }

 private:
  static constexpr std::uint64_t block_bytes = 4096;

  void dirty(std::uint64_t offset, std::uint64_t length) {
    for (std::uint64_t block = offset / block_bytes; block * block_bytes < offset + length; ++block) {
      if (std::find(dirty_.begin(), dirty_.end(), block) == dirty_.end()) dirty_.push_back(block);
    }
  }
  static void copy(const sim::Store& from, sim::Store& to, std::uint64_t block) {
    std::vector<std::byte> bytes(block_bytes);
    ASSERT_TRUE(from.read(block * block_bytes, bytes).ok());
    ASSERT_TRUE(to.write(block * block_bytes, bytes).ok());
  }

  sim::MemoryStore durable_;
  sim::MemoryStore now_;
  std::vector<std::uint64_t> dirty_;
};

struct PowerCut {};

class CloneThroughHostCrashes : public test::CloneJobTest, public testing::WithParamInterface<unsigned> {
 protected:
  // One run; false if the power was cut at that report of its progress.
  bool run_until(std::size_t report) {
    listener_.reports.clear();
    listener_.interrupt = [this, report]() -> bool {
      if (listener_.reports.size() == report) throw PowerCut();
      return false;
    };
    try {
      sim::clone::Job job(settings_, {view(*source_), view(destination_), view(metadata_)}, listener_);
      job.run(sim::clone::parse_workload("work.dms", workload));
      return true;
    } catch (const PowerCut&) {
      return false;
    }
  }

  static constexpr const char* workload =
      "write clone 100 8 A\nsleep 0.3\nwrite clone 1003 1 B\nflush clone\nwrite clone 1500 16 C\n";
  PageCache destination_{size};
  PageCache metadata_{1 << 20};
};

TEST_P(CloneThroughHostCrashes, IsTheSourceAndTheWorkloadsWritesInTheEnd) {
  settings_.schedule = {sim::Schedule::Kind::random, GetParam()};
  std::mt19937_64 random(GetParam());
  while (!run_until(1 + random() % 60)) {
    destination_.crash(random);
    metadata_.crash(random);
  }
  std::vector<std::byte> expected = bytes_of(*source_);
  const auto put = [&expected](std::size_t sector, std::size_t count, char fill) {
    std::fill_n(expected.begin() + static_cast<std::ptrdiff_t>(sector * 512), count * 512, std::byte(fill));
  };
  put(100, 8, 'A');
  put(1003, 1, 'B');
  put(1500, 16, 'C');
  EXPECT_EQ(bytes_of(destination_), expected);
}

INSTANTIATE_TEST_SUITE_P(Seeds, CloneThroughHostCrashes, testing::Range(1U, 13U));

}  // namespace
