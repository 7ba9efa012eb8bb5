// SPDX-License-Identifier: GPL-2.0-or-later
// How fast a clone hydrates in the background, across thresholds and batch sizes.
#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>

#include "dmcore/io/kcopyd.h"

#include "tests/suite/expected_time.h"
#include "tests/suite/grid.h"
#include "tests/suite/throughput_fixture.h"

namespace suite {
namespace {

using dmcore::Duration;

constexpr sector_t region_size = kib(4);
sector_t volume() {
  return options().volume;
}

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

// Until the last region is on the destination.
Duration hydrate(sector_t threshold, sector_t batch_size) {
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
      // The event comes with the commit that follows. The target looks each second whether the last commit
      // was more than a second ago; so it may be the second look that finds it so.
      EXPECT_LE(rig.now() - last.at(), std::chrono::milliseconds(2100));
      EXPECT_EQ(rig.slow_disk().counters.read_sectors, volume());
    });
  });
  return time;
}

// What the disks allow, in seconds: at best reading and writing overlap completely, at worst not at all.
struct Bounds {
  double least;
  double most;
};

// Reading is what takes time, and enough is under way to hide everything else behind it.
bool source_is_kept_busy(sector_t threshold, sector_t batch_size, double reading, double others) {
  return batch_size >= kib(64) && threshold >= 2 * batch_size && reading >= 2 * others;
}

Bounds expected(sector_t threshold, sector_t batch_size) {
  const sim::DiskTiming& slow = options().slow;
  const sim::DiskTiming& fast = options().fast;
  const double reading = seconds(transfer_time(slow, volume()));
  const double writing = seconds(transfer_time(fast, volume()));
  // Only so many regions are under way at a time, and each is read and then written...
  const double latencies = seconds(slow.read_latency + fast.write_latency);
  const double rounds = static_cast<double>(volume()) / static_cast<double>(threshold);
  // ...and a disk takes only so many requests at a time, which are no longer than kcopyd's sub-jobs.
  const sector_t request = std::min(batch_size, dmcore::KcopydClient::sub_job_size);
  const double queues =
      static_cast<double>(volume()) / static_cast<double>(request * sim::DiskOptions().tags);
  // A long batch is itself done in several goes, so many sub-jobs at a time.
  const sector_t at_once = dmcore::KcopydClient::split_count * dmcore::KcopydClient::sub_job_size;
  const sector_t goes = (batch_size + at_once - 1) / at_once;
  const double longer_latency = seconds(std::max(slow.read_latency, fast.write_latency));
  const double others = writing + (rounds * static_cast<double>(goes) + queues) * latencies;
  Bounds bounds{.least = std::max({reading, writing, rounds * latencies, queues * longer_latency}),
                .most = 1.05 * (reading + others)};
  if (source_is_kept_busy(threshold, batch_size, reading, others)) {
    constexpr double tolerance = 1.02;
    bounds.most = tolerance * reading + seconds(copy_time(slow, fast, request));
  }
  return bounds;
}

TEST_F(ThroughputTests, hydration_throughput) {
  Grid grid(benchmark_title("hydration_throughput",
                            fmt::format("MiB/s, region size {}", size_text(region_size)), volume()),
            "threshold \\ batch size", texts_of(batch_sizes));
  for (const sector_t threshold : thresholds) {
    std::vector<std::string> cells;
    for (const sector_t batch_size : batch_sizes) {
      if (batch_size > threshold) break;
      SCOPED_TRACE(fmt::format("threshold {}, batch size {}", size_text(threshold), size_text(batch_size)));
      const Duration time = hydrate(threshold, batch_size);
      cells.push_back(throughput_text(volume(), time));
      const Bounds bounds = expected(threshold, batch_size);
      EXPECT_GE(seconds(time), 0.95 * bounds.least);
      EXPECT_LE(seconds(time), bounds.most);
    }
    grid.row(size_text(threshold), cells);
  }
  grid.print();
}

}  // namespace
}  // namespace suite
