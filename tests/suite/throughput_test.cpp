// SPDX-License-Identifier: GPL-2.0-or-later
// The throughput tests of dm-clone's authors on bare devices. Each prints a table of what it measured, in
// virtual time, and holds it against what the disks' latencies and bandwidths allow.
#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/suite/expected_time.h"
#include "tests/suite/throughput_fixture.h"

namespace suite {
namespace {

using dmcore::Duration;

// What one write of the whole volume took.
struct Measured {
  Duration time{0};
  sector_t read_from_source = 0;
};

sector_t volume() {
  return options().volume;
}

Duration expected_linear(const sim::DiskTiming& disk, sector_t io_size) {
  return static_cast<std::int64_t>(volume() / io_size) * write_time(disk, io_size);
}

Measured write_clone(CloneState state, sector_t region_size, sector_t io_size) {
  Measured measured;
  Rig rig;
  rig.run([&] {
    CloneStack stack(
        rig, {.size = volume(), .metadata_size = mib(128), .region_size = region_size, .hydration = false});
    stack.activate([&] {
      if (state == CloneState::hydrated) rig.discard(stack.clone(), 0, volume());
      bring_into(state, stack);
      measured.time = rig.time_of([&] { rig.zero(stack.clone(), volume(), io_size); });
      measured.read_from_source = rig.slow_disk().counters.read_sectors;
      EXPECT_EQ(stack.status().hydrated_regions, stack.status().regions);
    });
  });
  return measured;
}

Duration write_linear(const char* disk, sector_t io_size) {
  Duration time{0};
  Rig rig;
  rig.run([&] {
    rig.with_device(linear_table(volume(), disk, 0), [&](const std::string& name) {
      time = rig.time_of([&] { rig.zero(Rig::path_of(name), volume(), io_size); });
    });
  });
  return time;
}

// A row for each region size, a column for each I/O size; `check` judges each cell.
template <class Check>
void clone_table(CloneState state, const std::string& name, Check check) {
  Grid grid(benchmark_title(name, "MiB/s, direct sequential writes, one at a time", volume()),
            "region size \\ I/O size", texts_of(io_sizes()));
  for (const sector_t region_size : region_sizes()) {
    std::vector<std::string> cells;
    for (const sector_t io_size : io_sizes()) {
      SCOPED_TRACE(fmt::format("region size {}, I/O size {}", size_text(region_size), size_text(io_size)));
      const Measured measured = write_clone(state, region_size, io_size);
      cells.push_back(throughput_text(volume(), measured.time));
      check(region_size, io_size, measured);
    }
    grid.row(size_text(region_size), cells);
  }
  grid.print();
}

void linear_table_of(const char* disk, const sim::DiskTiming& timing, const std::string& name) {
  Grid grid(benchmark_title(name, "MiB/s, direct sequential writes, one at a time", volume()), "I/O size",
            texts_of(io_sizes()));
  std::vector<std::string> cells;
  for (const sector_t io_size : io_sizes()) {
    const Duration time = write_linear(disk, io_size);
    cells.push_back(throughput_text(volume(), time));
    EXPECT_EQ(time, expected_linear(timing, io_size)) << size_text(io_size);
  }
  grid.row("linear", cells);
  grid.print();
}

TEST_F(ThroughputTests, unhydrated_clone_device_throughput) {
  clone_table(CloneState::unhydrated, "unhydrated_clone_device_throughput",
              [](sector_t region_size, sector_t io_size, const Measured& measured) {
                const Duration linear = expected_linear(options().fast, io_size);
                if (io_size >= region_size) {
                  // Whole regions are overwritten: the source does not matter.
                  EXPECT_EQ(measured.read_from_source, 0U);
                  EXPECT_NEAR_PERCENT(measured.time, linear, 5);
                  return;
                }
                // The first write to a region waits until the region has been copied.
                EXPECT_EQ(measured.read_from_source, volume());
                const auto regions = static_cast<std::int64_t>(volume() / region_size);
                EXPECT_NEAR_PERCENT(measured.time,
                                    linear + regions * copy_time(options().slow, options().fast, region_size),
                                    5);
              });
}

TEST_F(ThroughputTests, hydrating_clone_device_throughput) {
  clone_table(CloneState::hydrating, "hydrating_clone_device_throughput",
              [](sector_t region_size, sector_t io_size, const Measured& measured) {
                // Nothing is copied twice. The hydration in the background takes turns with the writer, who
                // waits where both want the same region.
                EXPECT_LE(measured.read_from_source, volume());
                EXPECT_GE(measured.time, expected_linear(options().fast, io_size));
                const Duration alone = write_clone(CloneState::unhydrated, region_size, io_size).time;
                EXPECT_LE(measured.time,
                          alone + alone / 4 + 4 * copy_time(options().slow, options().fast, region_size));
              });
}

TEST_F(ThroughputTests, hydrated_clone_device_throughput) {
  clone_table(CloneState::hydrated, "hydrated_clone_device_throughput",
              [](sector_t, sector_t io_size, const Measured& measured) {
                EXPECT_EQ(measured.read_from_source, 0U);
                EXPECT_NEAR_PERCENT(measured.time, expected_linear(options().fast, io_size), 2);
              });
}

TEST_F(ThroughputTests, fast_device_throughput) {
  linear_table_of(Rig::fast_path, options().fast, "fast_device_throughput");
}

TEST_F(ThroughputTests, slow_device_throughput) {
  linear_table_of(Rig::slow_path, options().slow, "slow_device_throughput");
}

}  // namespace
}  // namespace suite
