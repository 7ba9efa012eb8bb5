// SPDX-License-Identifier: GPL-2.0-or-later
// How fast a clone hydrates in the background, across thresholds and batch sizes.
#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>

#include "tests/suite/clone_stack.h"
#include "tests/suite/expected_time.h"
#include "tests/suite/grid.h"

namespace suite {
namespace {

using dmcore::Duration;

constexpr sector_t region_size = kib(4);
const std::vector<sector_t> thresholds = {mib(1), mib(2), mib(4), mib(8), mib(16)};
const std::vector<sector_t> batch_sizes = {kib(4), kib(64), kib(128), kib(256), kib(512),
                                           mib(1), mib(2),  mib(4),   mib(8),   mib(16)};

// Knows when a disk was last written behind the metadata, which lies at its beginning.
class LastWrite final : public sim::WriteRecorder {
 public:
  LastWrite(Rig& rig, sector_t metadata_size) : rig_(rig), metadata_size_(metadata_size) {
    rig_.fast_disk().set_recorder(this);
  }
  ~LastWrite() override { rig_.fast_disk().set_recorder(nullptr); }

  [[nodiscard]] dmcore::Time at() const { return at_; }

  void written(sector_t sector, std::span<const std::byte>) override {
    if (sector >= metadata_size_) at_ = rig_.now();
  }
  void zeroed(sector_t, sector_t) override {}
  void flush_begins() override {}
  void flush_ended() override {}

 private:
  Rig& rig_;
  sector_t metadata_size_;
  dmcore::Time at_{0};
};

class HydrationTmp : public testing::Test {
 protected:
  // Until the last region is on the destination.
  static Duration hydrate(sector_t threshold, sector_t batch_size) {
    Duration time{0};
    Rig rig;
    rig.run([&] {
      CloneStack stack(
          rig, {.size = volume(), .metadata_size = mib(128), .region_size = region_size, .hydration = false});
      stack.activate([&] {
        stack.set_hydration_threshold(threshold / region_size);
        stack.set_hydration_batch_size(batch_size / region_size);
        LastWrite last(rig, stack.options().metadata_size);
        const dmcore::Time begin = rig.now();
        stack.enable_hydration();
        stack.wait_until_hydrated();
        time = last.at() - begin;
        // The event comes with the commit that follows within a period.
        EXPECT_LE(rig.now() - last.at(), std::chrono::milliseconds(1100));
        EXPECT_EQ(rig.slow_disk().counters.read_sectors, volume());
      });
    });
    return time;
  }

  static sector_t volume() { return options().volume; }
};

TEST_F(HydrationTmp, hydration_throughput) {
  std::vector<std::string> heads;
  std::transform(batch_sizes.begin(), batch_sizes.end(), std::back_inserter(heads), size_text);
  Grid grid(fmt::format("hydration_throughput: MiB/s\n  volume: {}, region size: {}\n  {}",
                        size_text(volume()), size_text(region_size), describe_disks()),
            "threshold \\ batch size", heads);
  for (const sector_t threshold : thresholds) {
    std::vector<std::string> cells;
    for (const sector_t batch_size : batch_sizes) {
      if (batch_size > threshold) break;
      cells.push_back(throughput_text(volume(), hydrate(threshold, batch_size)));
    }
    grid.row(size_text(threshold), cells);
  }
  grid.print();
}

}  // namespace
}  // namespace suite
