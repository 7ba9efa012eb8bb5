// SPDX-License-Identifier: GPL-2.0-or-later
// dm-clone's metadata: what is on the device after which history, and what happens when the device fails.
#include "dmclone/metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/host/sha256.h"

#include "tests/rig/machine.h"

namespace {

using dmclone::CloneMetadata;
using dmcore::Errno;
using dmcore::Status;
using testing::ElementsAre;

// 4096 regions of 4 KiB, with metadata on 4 MiB.
constexpr dmcore::sector_t target = 32768;
constexpr dmcore::sector_t region = 8;

class CloneMetadataTest : public testing::Test {
 protected:
  void run(const std::function<void(CloneMetadata&)>& body) {
    machine.run([&] {
      auto metadata = open(target, region);
      ASSERT_TRUE(metadata.ok());
      body(**metadata);
      (*metadata)->close();
    });
  }
  dmcore::Result<std::unique_ptr<CloneMetadata>> open(dmcore::sector_t target_sectors,
                                                      dmcore::sector_t region_sectors) {
    return CloneMetadata::open(machine.kernel(), disk, target_sectors, region_sectors);
  }
  static Status commit(CloneMetadata& metadata) {
    DMCORE_TRY(metadata.pre_commit());
    return metadata.commit();
  }
  static void hydrate(CloneMetadata& metadata, std::uint64_t which) {
    ASSERT_TRUE(metadata.set_region_hydrated(which).ok());
    ASSERT_TRUE(commit(metadata).ok());
  }
  std::string sha256() {
    std::vector<std::byte> bytes(disk.store().size());
    EXPECT_TRUE(disk.store().read(0, bytes).ok());
    sim::host::Sha256 digest;
    digest.add(bytes);
    return digest.finish();
  }
  std::vector<std::string> logged() { return machine.logged(); }
  void corrupt(std::uint64_t offset) {
    std::array<std::byte, 1> byte{};
    ASSERT_TRUE(disk.store().read(offset, byte).ok());
    byte[0] ^= std::byte{0xff};
    ASSERT_TRUE(disk.poke(offset, byte).ok());
  }

  test::Machine machine;
  sim::VirtualDisk& disk = machine.add_disk(8192);
};

// The digests are those of Linux 6.1.192, which had the same history.
TEST_F(CloneMetadataTest, TheDeviceIsTheKernelsToTheByte) {
  run([&](CloneMetadata& metadata) {
    EXPECT_EQ(sha256(), "9651ea7676b1fc78ece7ba82bb6531b2e76ca9814cd57c286050ce3874dfc40c");
    hydrate(metadata, 0);
    EXPECT_EQ(sha256(), "c48c4e777e7f4f12d7078515f398329d951913a77914d34009b15d95ddba3418");
    hydrate(metadata, 1);
    EXPECT_EQ(sha256(), "6f9074ce473b80e0e38967a7d8f932e7665a954fb8ab8b148ce02b74a3260b7c");
    hydrate(metadata, 4095);
    EXPECT_EQ(sha256(), "56f9d1b544cfaa6b30d54977669bdd07869ba788d6b7b519057d0941e8d78620");
    ASSERT_TRUE(metadata.cond_set_range(128, 512).ok());
    ASSERT_TRUE(commit(metadata).ok());
    EXPECT_EQ(sha256(), "2962a2c564ba4262a8b00d763c01665335cc3ce1e243b39dd69578d7c28b1d6b");
  });
}

TEST_F(CloneMetadataTest, ACommitWritesFiveBlocksAndFlushesTwice) {
  run([&](CloneMetadata& metadata) {
    const dmcore::IoCounters before = disk.counters;
    hydrate(metadata, 17);
    EXPECT_EQ(disk.counters.written_sectors - before.written_sectors, 40);
    EXPECT_EQ(disk.counters.flushes - before.flushes, 2);
  });
}

TEST_F(CloneMetadataTest, NewMetadataHasNothingHydrated) {
  run([](CloneMetadata& metadata) {
    EXPECT_EQ(metadata.nr_regions(), 4096);
    EXPECT_EQ(metadata.nr_of_hydrated_regions(), 0);
    EXPECT_FALSE(metadata.is_region_hydrated(0));
    EXPECT_FALSE(metadata.changed_this_transaction());
    EXPECT_EQ(metadata.metadata_blocks().value(), 1024);
    EXPECT_EQ(metadata.free_metadata_blocks().value(), 1024 - 6);
  });
}

TEST_F(CloneMetadataTest, WhatIsCommittedIsThereAgain) {
  run([](CloneMetadata& metadata) { hydrate(metadata, 77); });
  run([](CloneMetadata& metadata) {
    EXPECT_TRUE(metadata.is_region_hydrated(77));
    EXPECT_EQ(metadata.nr_of_hydrated_regions(), 1);
  });
}

TEST_F(CloneMetadataTest, WhatIsNotCommittedIsLost) {
  run([](CloneMetadata& metadata) { ASSERT_TRUE(metadata.set_region_hydrated(77).ok()); });
  run([](CloneMetadata& metadata) { EXPECT_FALSE(metadata.is_region_hydrated(77)); });
}

TEST_F(CloneMetadataTest, WhatComesBetweenThePhasesBelongsToTheNextCommit) {
  run([](CloneMetadata& metadata) {
    ASSERT_TRUE(metadata.set_region_hydrated(1).ok());
    ASSERT_TRUE(metadata.pre_commit().ok());
    ASSERT_TRUE(metadata.set_region_hydrated(2).ok());
    ASSERT_TRUE(metadata.commit().ok());
    EXPECT_TRUE(metadata.changed_this_transaction());
  });
  run([](CloneMetadata& metadata) {
    EXPECT_TRUE(metadata.is_region_hydrated(1));
    EXPECT_FALSE(metadata.is_region_hydrated(2));
  });
}

TEST_F(CloneMetadataTest, ACommitNeedsItsFirstPhase) {
  run([](CloneMetadata& metadata) { EXPECT_EQ(metadata.commit(), Errno::inval); });
}

TEST_F(CloneMetadataTest, ARangeOfRegionsIsMarkedAtOnce) {
  run([](CloneMetadata& metadata) {
    ASSERT_TRUE(metadata.cond_set_range(10, 200).ok());
    EXPECT_TRUE(metadata.is_range_hydrated(10, 200));
    EXPECT_FALSE(metadata.is_range_hydrated(10, 201));
    EXPECT_EQ(metadata.find_next_unhydrated_region(10), 210);
    EXPECT_EQ(metadata.nr_of_hydrated_regions(), 200);
  });
}

TEST_F(CloneMetadataTest, ARangeOfNoRegionsIsNoMistake) {
  run([](CloneMetadata& metadata) {
    EXPECT_TRUE(metadata.cond_set_range(3, 0).ok());
    EXPECT_EQ(metadata.cond_set_range(4096, 0), Errno::range) << "but it has to begin at one";
    EXPECT_EQ(metadata.nr_of_hydrated_regions(), 0U);
  });
}

TEST_F(CloneMetadataTest, ARangeThatIsMarkedAlreadyChangesNothing) {
  run([](CloneMetadata& metadata) {
    ASSERT_TRUE(metadata.cond_set_range(10, 200).ok());
    ASSERT_TRUE(commit(metadata).ok());
    ASSERT_TRUE(metadata.cond_set_range(20, 30).ok());
    EXPECT_FALSE(metadata.changed_this_transaction());
  });
}

TEST_F(CloneMetadataTest, RegionsBeyondTheEndAreRefused) {
  run([&](CloneMetadata& metadata) {
    EXPECT_EQ(metadata.set_region_hydrated(4096), Errno::range);
    EXPECT_EQ(metadata.cond_set_range(4000, 97), Errno::range);
    EXPECT_THAT(logged(),
                ElementsAre("clone metadata: Region 4096 out of range (total number of regions 4096)",
                            "clone metadata: Invalid region range: start 4000, nr_regions 97 (total "
                            "number of regions 4096)"));
  });
}

TEST_F(CloneMetadataTest, ARangeWhoseEndIsNoNumberIsRefused) {
  run([](CloneMetadata& metadata) {
    EXPECT_EQ(metadata.cond_set_range(10, ~std::uint64_t{0}), Errno::range);
  });
}

TEST_F(CloneMetadataTest, HydrationIsDoneWhenThatIsCommitted) {
  run([](CloneMetadata& metadata) {
    ASSERT_TRUE(metadata.cond_set_range(0, 4096).ok());
    EXPECT_FALSE(metadata.is_hydration_done());
    ASSERT_TRUE(commit(metadata).ok());
    EXPECT_TRUE(metadata.is_hydration_done());
  });
  run([](CloneMetadata& metadata) { EXPECT_TRUE(metadata.is_hydration_done()); });
}

TEST_F(CloneMetadataTest, OtherSizesThanThoseItWasMadeForAreRefused) {
  run([](CloneMetadata&) {});
  machine.run([&] { EXPECT_EQ(open(target, 2 * region).error(), Errno::inval); });
  machine.run([&] { EXPECT_EQ(open(target - 1, region).error(), Errno::inval); });
  EXPECT_THAT(logged(),
              testing::Each("clone metadata: Region and/or target size don't match the ones in metadata"));
}

TEST_F(CloneMetadataTest, ADeviceWithSomethingElseOnItIsNotFormatted) {
  corrupt(4000);
  const std::string before = sha256();
  machine.run([&] { EXPECT_EQ(open(target, region).error(), Errno::ilseq); });
  EXPECT_EQ(sha256(), before);
  EXPECT_THAT(logged(), ElementsAre("clone metadata: Superblock check failed: magic 0, expected 2331148132",
                                    "block manager: superblock validator check failed for block 0",
                                    "clone metadata: Failed to read_lock superblock"));
}

TEST_F(CloneMetadataTest, ADamagedBitsetIsNoticed) {
  run([](CloneMetadata&) {});
  corrupt(5 * 4096 + 100);
  machine.run([&] { EXPECT_EQ(open(target, region).error(), Errno::ilseq); });
  EXPECT_THAT(logged(), testing::Contains("clone metadata: Failed to load on-disk region map"));
}

TEST_F(CloneMetadataTest, ReadOnlyItRefusesChanges) {
  run([](CloneMetadata& metadata) {
    metadata.set_read_only();
    EXPECT_EQ(metadata.set_region_hydrated(1), Errno::perm);
    EXPECT_EQ(metadata.cond_set_range(1, 2), Errno::perm);
    EXPECT_EQ(metadata.pre_commit(), Errno::perm);
    EXPECT_EQ(metadata.commit(), Errno::perm);
    EXPECT_EQ(metadata.abort(), Errno::perm);
    metadata.set_read_write();
    hydrate(metadata, 1);
  });
}

TEST_F(CloneMetadataTest, AnAbortedTransactionIsForgottenOnTheDevice) {
  run([](CloneMetadata& metadata) {
    hydrate(metadata, 1);
    ASSERT_TRUE(metadata.set_region_hydrated(2).ok());
    ASSERT_TRUE(metadata.abort().ok());
    metadata.set_read_only();
    EXPECT_TRUE(metadata.is_region_hydrated(2)) << "the bitmap in core stays";
    ASSERT_TRUE(metadata.reload_in_core_bitset().ok());
    EXPECT_TRUE(metadata.is_region_hydrated(1));
    EXPECT_FALSE(metadata.is_region_hydrated(2));
  });
}

TEST_F(CloneMetadataTest, ACommitThatFailsLeavesTheLastOne) {
  run([&](CloneMetadata& metadata) {
    hydrate(metadata, 1);
    disk.faults().add(0, 8192, sim::FaultMap::Fails::writes);
    ASSERT_TRUE(metadata.set_region_hydrated(2).ok());
    EXPECT_EQ(commit(metadata), Errno::io);
    EXPECT_EQ(metadata.pre_commit(), Errno::inval);
    EXPECT_THAT(logged(), ElementsAre("clone metadata: dm_tm_pre_commit failed"));
    disk.faults().clear();
  });
  run([](CloneMetadata& metadata) {
    EXPECT_TRUE(metadata.is_region_hydrated(1));
    EXPECT_FALSE(metadata.is_region_hydrated(2));
  });
}

// It has marked nothing as written that is not.
TEST_F(CloneMetadataTest, ACommitThatCouldNotReadTheBitsetCanBeRepeated) {
  run([&](CloneMetadata& metadata) {
    ASSERT_TRUE(machine.host().set_parameter("dm_bufio", "retain_bytes", "0").ok());
    for (const std::uint64_t which : {3, 5, 70}) ASSERT_TRUE(metadata.set_region_hydrated(which).ok());
    ASSERT_TRUE(metadata.pre_commit().ok());
    machine.host().drop_caches();
    machine.runtime().settle();
    disk.faults().add(0, 8192, sim::FaultMap::Fails::reads);
    EXPECT_EQ(metadata.commit(), Errno::io);
    disk.faults().clear();
    EXPECT_TRUE(metadata.commit().ok());
  });
  run([](CloneMetadata& metadata) {
    for (const std::uint64_t which : {3, 5, 70}) EXPECT_TRUE(metadata.is_region_hydrated(which)) << which;
  });
}

TEST_F(CloneMetadataTest, AfterAnAbortThatFailedNothingWorks) {
  run([&](CloneMetadata& metadata) {
    disk.faults().add(0, 8192, sim::FaultMap::Fails::reads);
    EXPECT_EQ(metadata.abort(), Errno::io);
    EXPECT_EQ(metadata.pre_commit(), Errno::perm);
    EXPECT_EQ(metadata.reload_in_core_bitset(), Errno::inval);
    EXPECT_EQ(metadata.free_metadata_blocks().error(), Errno::inval);
    EXPECT_EQ(metadata.metadata_blocks().error(), Errno::inval);
    metadata.set_read_only();
  });
}

TEST_F(CloneMetadataTest, ADeviceThatIsTooSmallCannotBeFormatted) {
  sim::VirtualDisk& small = machine.add_disk(32);
  machine.run(
      [&] { EXPECT_EQ(CloneMetadata::open(machine.kernel(), small, target, region).error(), Errno::nospc); });
  EXPECT_THAT(logged(), ElementsAre("space map metadata: unable to allocate new metadata block",
                                    "clone metadata: Failed to create empty on-disk bitset"));
}

}  // namespace
