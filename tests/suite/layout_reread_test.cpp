// SPDX-License-Identifier: GPL-2.0-or-later
// The throughput tests of dm-clone's authors on a file system: iozone lays files out, dd reads one again.
// Each prints a table of what it measured, in virtual time.
#include <fmt/format.h>

#include "tests/suite/dataset.h"
#include "tests/suite/expected_time.h"
#include "tests/suite/ext4.h"
#include "tests/suite/image.h"
#include "tests/suite/iozone.h"
#include "tests/suite/throughput_fixture.h"
#include "tests/support/host_command.h"

namespace suite {
namespace {

using dmcore::Duration;

constexpr sector_t volume = mib(64);
constexpr sector_t file_size = mib(1);
constexpr unsigned processes = 8;

IozoneOptions iozone_options(sector_t io_size) {
  return {.processes = processes,
          .file_bytes = dmcore::to_bytes(file_size),
          .record_bytes = dmcore::to_bytes(io_size)};
}

// A file system with the dataset, made once on a machine of its own.
const Image& filled_image() {
  static const Image only = [] {
    const test::ScratchFolder scratch;
    const std::string file = scratch.path_of("filled.img");
    Rig rig;
    rig.run([&] {
      rig.with_device(linear_table(volume, Rig::fast_path, 0), [&](const std::string& name) {
        const std::string path = Rig::path_of(name);
        Ext4 ext4;
        ext4.format(rig, path);
        ext4.with_mount(rig, path, [](FileSystem& fs) { Dataset::source_tree().apply(fs, "linux"); });
        save_device(rig, path, file);
      });
    });
    return read_image(file);
  }();
  return only;
}

IozoneResult on_clone(CloneState state, sector_t region_size, sector_t io_size) {
  IozoneResult result;
  Rig rig;
  rig.run([&] {
    CloneStack stack(
        rig, {.size = volume, .metadata_size = mib(128), .region_size = region_size, .hydration = false});
    stack.activate_support_devs([&] {
      write_image(rig, stack.source(), filled_image());
      stack.activate_top_level([&] {
        Ext4().with_mount(rig, stack.clone(), [&](FileSystem& fs) {
          fs.trim();
          bring_into(state, stack);
          result = run_iozone(rig, fs, iozone_options(io_size));
        });
      });
    });
  });
  return result;
}

IozoneResult on_linear(const char* disk, sector_t io_size) {
  IozoneResult result;
  Rig rig;
  rig.run([&] {
    rig.with_device(linear_table(volume, disk, 0), [&](const std::string& name) {
      const std::string path = Rig::path_of(name);
      write_image(rig, path, filled_image());
      Ext4().with_mount(rig, path,
                        [&](FileSystem& fs) { result = run_iozone(rig, fs, iozone_options(io_size)); });
    });
  });
  return result;
}

// Two tables: the layout in seconds, and the throughput of dd.
class Tables {
 public:
  Tables(const std::string& test, const std::string& corner)
      : layout_(benchmark_title(
                    test, fmt::format("seconds of iozone, {} files of {}", processes, size_text(file_size)),
                    volume),
                corner, texts_of(io_sizes())),
        reread_(test + ": MiB/s of dd reading the first file again, direct", corner, texts_of(io_sizes())) {}

  void row(const std::string& label, const std::vector<IozoneResult>& results) {
    std::vector<std::string> layout;
    std::vector<std::string> reread;
    for (const IozoneResult& result : results) {
      layout.push_back(seconds_text(result.layout));
      reread.push_back(throughput_text(file_size, result.reread));
    }
    layout_.row(label, layout);
    reread_.row(label, reread);
  }
  void print() const {
    layout_.print();
    reread_.print();
  }

 private:
  Grid layout_;
  Grid reread_;
};

// What the disk alone allows: everything is written twice and read twice.
void expect_disk_speed(const IozoneResult& result, const sim::DiskTiming& disk, sector_t io_size) {
  EXPECT_GE(result.layout, 4 * transfer_time(disk, processes * file_size));
  const auto records = static_cast<std::int64_t>(file_size / io_size);
  // A request that is split takes, rounded down, a little less.
  EXPECT_GE(result.reread * 1001, records * read_time(disk, io_size) * 1000);
  EXPECT_LE(result.reread, 2 * records * read_time(disk, io_size));
}

std::vector<IozoneResult> linear_results(const char* disk) {
  std::vector<IozoneResult> results;
  for (const sector_t io_size : io_sizes()) results.push_back(on_linear(disk, io_size));
  return results;
}

void judge(CloneState state, const IozoneResult& clone, const IozoneResult& fast, const IozoneResult& slow) {
  if (state == CloneState::hydrated) {
    EXPECT_NEAR_PERCENT(clone.layout, fast.layout, 3);
    // In a random schedule a request may just miss another one's company.
    const Duration luck = options().schedule.kind == sim::Schedule::Kind::random
                              ? 2 * options().fast.read_latency
                              : Duration(0);
    EXPECT_GE(clone.reread, fast.reread * 97 / 100 - luck);
    EXPECT_LE(clone.reread, fast.reread * 103 / 100 + luck);
  } else if (options().fast_is_faster()) {
    // The space that the files take was free, and so it is hydrated; what is not are the edges.
    EXPECT_GE(clone.layout * 100, fast.layout * 97);
    EXPECT_LE(clone.layout, slow.layout);
  }
}

void clone_benchmark(const std::string& test, CloneState state) {
  const std::vector<IozoneResult> fast = linear_results(Rig::fast_path);
  const std::vector<IozoneResult> slow = linear_results(Rig::slow_path);
  Tables tables(test, "region size \\ I/O size");
  for (const sector_t region_size : region_sizes()) {
    std::vector<IozoneResult> results;
    for (const sector_t io_size : io_sizes()) {
      SCOPED_TRACE(fmt::format("region size {}, I/O size {}", size_text(region_size), size_text(io_size)));
      const std::size_t column = results.size();
      results.push_back(on_clone(state, region_size, io_size));
      expect_disk_speed(results.back(), options().fast, io_size);
      judge(state, results.back(), fast.at(column), slow.at(column));
    }
    tables.row(size_text(region_size), results);
  }
  tables.row("fast disk", fast);
  tables.row("slow disk", slow);
  tables.print();
}

void linear_benchmark(const std::string& test, const char* disk, const sim::DiskTiming& timing) {
  const std::vector<IozoneResult> results = linear_results(disk);
  for (std::size_t i = 0; i < results.size(); ++i) expect_disk_speed(results[i], timing, io_sizes()[i]);
  Tables tables(test, "I/O size");
  tables.row("linear", results);
  tables.print();
}

TEST_F(ThroughputTests, throughput_multithreaded_layout_reread_clone_device_unhydrated) {
  clone_benchmark("throughput_multithreaded_layout_reread_clone_device_unhydrated", CloneState::unhydrated);
}

TEST_F(ThroughputTests, throughput_multithreaded_layout_reread_clone_device_hydrating) {
  clone_benchmark("throughput_multithreaded_layout_reread_clone_device_hydrating", CloneState::hydrating);
}

TEST_F(ThroughputTests, throughput_multithreaded_layout_reread_clone_device_hydrated) {
  clone_benchmark("throughput_multithreaded_layout_reread_clone_device_hydrated", CloneState::hydrated);
}

TEST_F(ThroughputTests, throughput_multithreaded_layout_reread_fast_device) {
  linear_benchmark("throughput_multithreaded_layout_reread_fast_device", Rig::fast_path, options().fast);
}

TEST_F(ThroughputTests, throughput_multithreaded_layout_reread_slow_device) {
  linear_benchmark("throughput_multithreaded_layout_reread_slow_device", Rig::slow_path, options().slow);
}

}  // namespace
}  // namespace suite
