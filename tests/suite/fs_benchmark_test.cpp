// SPDX-License-Identifier: GPL-2.0-or-later
// The file system benchmarks of dm-clone's authors: bonnie++ and a git extract, on the slow disk, on the fast
// disk, and on a clone of the slow disk on the fast one that hydrates meanwhile.
#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>
#include <numeric>

#include "tests/suite/bonnie.h"
#include "tests/suite/clone_stack.h"
#include "tests/suite/dataset.h"
#include "tests/suite/expected_time.h"
#include "tests/suite/ext4.h"
#include "tests/suite/git_repository.h"
#include "tests/suite/grid.h"
#include "tests/suite/xfs.h"

namespace suite {
namespace {

using dmcore::Duration;

enum class Where { slow, fast, clone };

const char* name_of(Where where) {
  switch (where) {
    case Where::slow:
      return "slow device";
    case Where::fast:
      return "fast device";
    case Where::clone:
      break;
  }
  return "clone device";
}

constexpr unsigned nr_tags = 6;  // v2.6.12 to v2.6.17
constexpr sector_t ext4_size = mib(64);
constexpr sector_t xfs_size = mib(320);

class FSBench : public testing::Test {
 protected:
  using WithFileSystem = std::function<void(Rig&, FileSystem&)>;

  static CloneStackOptions stack_options(sector_t size) {
    return {.size = size, .metadata_size = mib(128), .hydration = false};
  }

  static void on_linear(Where where, FileSystemType& type, sector_t size, const WithFileSystem& prepare,
                        const WithFileSystem& body) {
    Rig rig;
    rig.run([&] {
      const char* disk = where == Where::slow ? Rig::slow_path : Rig::fast_path;
      rig.with_device(linear_table(size, disk, 0), [&](const std::string& name) {
        const std::string path = Rig::path_of(name);
        type.format(rig, path);
        type.with_mount(rig, path, [&](FileSystem& fs) { prepare(rig, fs); });
        type.with_mount(rig, path, [&](FileSystem& fs) { body(rig, fs); });
      });
    });
  }

  // The file system is made and filled on the source, and then used on the clone while that hydrates. Its
  // free space is discarded, so it needs no hydration.
  static void on_clone(FileSystemType& type, sector_t size, const WithFileSystem& prepare,
                       const WithFileSystem& body) {
    Rig rig;
    rig.run([&] {
      CloneStack stack(rig, stack_options(size));
      stack.activate_support_devs([&] {
        type.format(rig, stack.source());
        type.with_mount(rig, stack.source(), [&](FileSystem& fs) { prepare(rig, fs); });
        stack.activate_top_level([&] {
          std::uint64_t in_use = 0;
          type.with_mount(rig, stack.clone(), [&](FileSystem& fs) {
            fs.trim();
            const sim::host::CloneStatus trimmed = stack.status();
            in_use = trimmed.regions - trimmed.hydrated_regions;
            EXPECT_GT(in_use, 0U);
            EXPECT_LT(in_use, trimmed.regions / 2);
            stack.enable_hydration();
            const sector_t read_before = rig.slow_disk().counters.read_sectors;
            body(rig, fs);
            // A region in use is copied once at most; reads of it may have gone to the source before.
            EXPECT_LE(rig.slow_disk().counters.read_sectors - read_before,
                      2 * in_use * stack.options().region_size);
          });
          stack.wait_until_hydrated();
        });
      });
    });
  }

  static BonnieResult bonnie(Where where, FileSystemType& type, sector_t size) {
    BonnieResult result;
    const WithFileSystem measure = [&](Rig& rig, FileSystem& fs) { result = run_bonnie(rig, fs); };
    if (where == Where::clone) {
      on_clone(
          type, size, [](Rig&, FileSystem& fs) { Dataset::source_tree().apply(fs, "linux"); }, measure);
    } else {
      on_linear(
          where, type, size, [](Rig&, FileSystem&) {}, measure);
    }
    return result;
  }

  // How long each tag took.
  static std::vector<Duration> git_extract(Where where) {
    Ext4 ext4;
    GitRepository repository(nr_tags);
    std::vector<Duration> times;
    const WithFileSystem prepare = [&](Rig&, FileSystem& fs) { repository.clone_to(fs); };
    const WithFileSystem extract = [&](Rig& rig, FileSystem& fs) {
      for (unsigned tag = 0; tag < nr_tags; ++tag) {
        times.push_back(rig.time_of([&] {
          repository.checkout(fs, tag);
          fs.sync();
        }));
        fs.drop_caches();
      }
      repository.verify(fs, nr_tags - 1);
    };
    if (where == Where::clone) {
      on_clone(ext4, ext4_size, prepare, extract);
    } else {
      on_linear(where, ext4, ext4_size, prepare, extract);
    }
    return times;
  }

  static void print_bonnie(const std::string& test,
                           const std::vector<std::pair<Where, BonnieResult>>& results) {
    std::vector<std::string> heads;
    for (const auto& phase : results.front().second.phases) heads.push_back(phase.name);
    heads.emplace_back("total s");
    Grid grid(
        fmt::format("{}: MiB/s; seeks, creates, stats and deletes per second\n  {}", test, describe_disks()),
        "", heads);
    for (const auto& [where, result] : results) {
      std::vector<std::string> cells;
      for (const auto& phase : result.phases) cells.push_back(phase.rate());
      cells.push_back(seconds_text(result.total()));
      grid.row(name_of(where), cells);
    }
    grid.print();
  }

  // What the disk itself says about the phases that are nothing but data.
  static void expect_disk_speed(const BonnieResult& result, const sim::DiskTiming& disk) {
    const auto& write = result.phase("write");
    EXPECT_GE(write.time, transfer_time(disk, dmcore::to_sectors(write.bytes)));
    // Many at a time, then metadata and a flush: the latencies hardly count.
    EXPECT_LE(write.time, transfer_time(disk, dmcore::to_sectors(write.bytes)) * 2 +
                              16 * (disk.write_latency + disk.flush_latency));
    const auto& read = result.phase("read");
    const auto readaheads = static_cast<std::int64_t>(dmcore::to_sectors(read.bytes) / kib(128));
    EXPECT_NEAR_PERCENT(read.time, readaheads * read_time(disk, kib(128)), 25);
  }

  static void bonnie_raw(const std::string& test, Where where, FileSystemType& type, sector_t size) {
    const BonnieResult result = bonnie(where, type, size);
    print_bonnie(test, {{where, result}});
    expect_disk_speed(result, where == Where::slow ? options().slow : options().fast);
  }

  static void bonnie_clone(const std::string& test, FileSystemType& type, sector_t size) {
    const BonnieResult slow = bonnie(Where::slow, type, size);
    const BonnieResult fast = bonnie(Where::fast, type, size);
    const BonnieResult clone = bonnie(Where::clone, type, size);
    print_bonnie(test, {{Where::slow, slow}, {Where::fast, fast}, {Where::clone, clone}});
    // New files go where space was free, and that is hydrated.
    expect_disk_speed(clone, options().fast);
    if (options().fast_is_faster()) {
      EXPECT_LT(clone.total(), slow.total());
      EXPECT_GE(clone.total() * 100, fast.total() * 95);
    }
  }

  static void print_git(const std::string& test,
                        const std::vector<std::pair<Where, std::vector<Duration>>>& results) {
    std::vector<std::string> heads;
    for (unsigned tag = 0; tag < nr_tags; ++tag) heads.push_back(fmt::format("v2.6.{}", 12 + tag));
    heads.emplace_back("total");
    Grid grid(fmt::format("{}: seconds to check out and sync\n  {}", test, describe_disks()), "", heads);
    for (const auto& [where, times] : results) {
      std::vector<std::string> cells;
      for (const Duration time : times) cells.push_back(seconds_text(time));
      cells.push_back(seconds_text(sum(times)));
      grid.row(name_of(where), cells);
    }
    grid.print();
  }

  static Duration sum(const std::vector<Duration>& times) {
    return std::accumulate(times.begin(), times.end(), Duration(0));
  }

  static void git_raw(const std::string& test, Where where) {
    const std::vector<Duration> times = git_extract(where);
    print_git(test, {{where, times}});
    const sim::DiskTiming& disk = where == Where::slow ? options().slow : options().fast;
    for (const Duration time : times)
      EXPECT_GE(time, disk.read_latency + disk.write_latency + disk.flush_latency);
  }
};

TEST_F(FSBench, bonnie_slow_device_xfs) {
  Xfs xfs;
  bonnie_raw("bonnie_slow_device_xfs", Where::slow, xfs, xfs_size);
}

TEST_F(FSBench, bonnie_slow_device_ext4) {
  Ext4 ext4;
  bonnie_raw("bonnie_slow_device_ext4", Where::slow, ext4, ext4_size);
}

TEST_F(FSBench, bonnie_fast_device_xfs) {
  Xfs xfs;
  bonnie_raw("bonnie_fast_device_xfs", Where::fast, xfs, xfs_size);
}

TEST_F(FSBench, bonnie_fast_device_ext4) {
  Ext4 ext4;
  bonnie_raw("bonnie_fast_device_ext4", Where::fast, ext4, ext4_size);
}

TEST_F(FSBench, bonnie_clone_device_xfs) {
  Xfs xfs;
  bonnie_clone("bonnie_clone_device_xfs", xfs, xfs_size);
}

TEST_F(FSBench, bonnie_clone_device_ext4) {
  Ext4 ext4;
  bonnie_clone("bonnie_clone_device_ext4", ext4, ext4_size);
}

TEST_F(FSBench, git_extract_slow_device) {
  git_raw("git_extract_slow_device", Where::slow);
}

TEST_F(FSBench, git_extract_fast_device) {
  git_raw("git_extract_fast_device", Where::fast);
}

TEST_F(FSBench, git_extract_clone_device) {
  const std::vector<Duration> slow = git_extract(Where::slow);
  const std::vector<Duration> fast = git_extract(Where::fast);
  const std::vector<Duration> clone = git_extract(Where::clone);
  print_git("git_extract_clone_device", {{Where::slow, slow}, {Where::fast, fast}, {Where::clone, clone}});
  if (options().fast_is_faster()) {
    EXPECT_LT(sum(clone), sum(slow));
    EXPECT_GE(sum(clone) * 100, sum(fast) * 95);
  }
}

}  // namespace
}  // namespace suite
