// SPDX-License-Identifier: GPL-2.0-or-later
// The creation tests of dm-clone's authors: which tables a clone accepts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/suite/block_tester.h"
#include "tests/suite/clone_stack.h"

namespace suite {
namespace {

using testing::HasSubstr;

class CreationTests : public testing::Test {
 protected:
  // The log of a stack that must not come up, nor leave anything behind.
  std::string refusal(const CloneStackOptions& options) {
    std::string log;
    rig.run([&] {
      log = rig.refusal([&] { CloneStack(rig, options).activate([] {}); });
      EXPECT_THAT(*rig.host().dm().names(), testing::IsEmpty());
    });
    return log;
  }

  // Three volumes on one disk, as the tests below lay them out by hand.
  void with_volumes(sector_t metadata_size, sector_t destination_size, sector_t source_size,
                    const std::function<void()>& body) {
    const auto volume = [](sector_t size, sector_t offset) {
      return linear_table(size, Rig::slow_path, offset);
    };
    rig.run([&] {
      rig.with_device(volume(metadata_size, 0), [&](const std::string& metadata_name) {
        metadata = Rig::path_of(metadata_name);
        rig.with_device(volume(destination_size, metadata_size), [&](const std::string& destination_name) {
          destination = Rig::path_of(destination_name);
          rig.with_device(volume(source_size, metadata_size + destination_size),
                          [&](const std::string& source_name) {
                            source = Rig::path_of(source_name);
                            rig.zero(metadata, metadata_size);
                            body();
                          });
        });
      });
    });
  }
  void bring_up(sector_t size, sector_t region_size) {
    rig.with_device({test::clone_target({.sectors = size, .region_sectors = region_size, .features = {}},
                                        metadata, destination, source)},
                    [](const std::string&) {});
  }
  std::string refusal(sector_t size, sector_t region_size) {
    return rig.refusal([&] { bring_up(size, region_size); });
  }

  Rig rig;
  std::string metadata;
  std::string destination;
  std::string source;
};

TEST_F(CreationTests, bring_up_clone_target) {
  rig.run([&] {
    CloneStack stack(rig, {});
    stack.activate([&] {
      const sim::host::CloneStatus status = stack.status();
      EXPECT_EQ(status.regions, gib(1) / kib(4));
      EXPECT_EQ(status.mode, sim::host::CloneStatus::Mode::read_write);
    });
  });
}

TEST_F(CreationTests, huge_region_size) {
  constexpr sector_t region_size = 524288;
  rig.run([&] {
    CloneStack stack(rig, {.size = region_size, .region_size = region_size});
    stack.activate([&] {
      BlockTester(rig, stack.clone(), mib(4), 1234).run();
      EXPECT_EQ(stack.status().regions, 1U);
    });
  });
}

TEST_F(CreationTests, non_power_of_2_region_size_fails) {
  EXPECT_THAT(refusal({.region_size = kib(4) + 57}), HasSubstr("clone: Region size is not a power of 2"));
}

TEST_F(CreationTests, too_small_region_size_fails) {
  EXPECT_THAT(refusal({.region_size = kib(2)}), HasSubstr("clone: Invalid region size"));
}

TEST_F(CreationTests, too_large_region_size_fails) {
  EXPECT_THAT(refusal({.size = gib(2), .metadata_size = mib(4), .region_size = gib(2)}),
              HasSubstr("clone: Invalid region size"));
}

TEST_F(CreationTests, largest_region_size_succeeds) {
  rig.run([&] {
    CloneStack stack(rig, {.size = gib(1), .metadata_size = mib(4), .region_size = gib(1)});
    stack.activate([&] { EXPECT_EQ(stack.status().region_sectors, gib(1)); });
  });
}

TEST_F(CreationTests, too_small_metadata_dev_fails) {
  constexpr sector_t size = gib(1);
  with_volumes(kib(16), size, size, [&] {
    EXPECT_THAT(refusal(size, kib(4)), HasSubstr("clone: Failed to load metadata (-ENOSPC)"));
  });
}

TEST_F(CreationTests, opening_with_different_region_size_fails) {
  constexpr sector_t size = mib(512);
  with_volumes(mib(4), size, size, [&] {
    bring_up(size, kib(64));
    const auto different = HasSubstr("Region and/or target size don't match the ones in metadata");
    EXPECT_THAT(refusal(size, kib(4)), different);
    EXPECT_THAT(refusal(size, kib(128)), different);
    bring_up(size, kib(64));  // none of it was in vain
  });
}

TEST_F(CreationTests, opening_with_different_target_size_fails) {
  constexpr sector_t size = mib(512);
  with_volumes(mib(4), 2 * size, 2 * size, [&] {
    bring_up(size, kib(4));
    const auto different = HasSubstr("Region and/or target size don't match the ones in metadata");
    EXPECT_THAT(refusal(size - 1, kib(4)), different);
    EXPECT_THAT(refusal(size + 1, kib(4)), different);
    bring_up(size, kib(4));
  });
}

TEST_F(CreationTests, data_devices_smaller_than_target_fails) {
  constexpr sector_t size = mib(512);
  with_volumes(mib(4), size - 1, size, [&] {
    EXPECT_THAT(refusal(size, kib(4)), HasSubstr("clone: Device size larger than destination device"));
  });
  with_volumes(mib(4), size, size - 1, [&] {
    EXPECT_THAT(refusal(size, kib(4)), HasSubstr("clone: Device size larger than source device"));
  });
}

}  // namespace
}  // namespace suite
