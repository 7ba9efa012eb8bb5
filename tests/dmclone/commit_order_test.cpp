// SPDX-License-Identifier: GPL-2.0-or-later
// In which order a commit reaches the disks, and what it leaves alone: what docs/formats.md promises after a
// power cut depends on this.
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "dmcore/persistent/btree_format.h"
#include "dmcore/persistent/space_map_format.h"

#include "dmclone/metadata.h"
#include "dmclone/superblock.h"

#include "tests/rig/clone.h"

namespace {

using dmcore::sector_t;

enum class Disk : std::uint8_t { metadata, destination };

struct Event {
  enum class Kind : std::uint8_t { write, flush_begins, flush_ended };
  Disk disk;
  Kind kind = Kind::write;
  sector_t sector = 0;
  std::vector<std::byte> data;
};

// Notes what happens on several disks in one list.
class Recorder final : public sim::WriteRecorder {
 public:
  Recorder(Disk disk, std::vector<Event>& events) : disk_(disk), events_(events) {}
  void written(sector_t sector, std::span<const std::byte> data) override {
    events_.push_back({disk_, Event::Kind::write, sector, {data.begin(), data.end()}});
  }
  void zeroed(sector_t, sector_t) override {}
  void flush_begins() override { events_.push_back({disk_, Event::Kind::flush_begins, 0, {}}); }
  void flush_ended() override { events_.push_back({disk_, Event::Kind::flush_ended, 0, {}}); }

 private:
  Disk disk_;
  std::vector<Event>& events_;
};

// A clone of 64 Ki regions (so three array blocks) under a history of scattered writes, discards and flushes.
// The metadata disk is so small that blocks are used again and again.
class CommitOrder : public testing::TestWithParam<sim::Schedule> {
 protected:
  CommitOrder() {
    clone.metadata().set_recorder(&metadata_recorder);
    clone.destination().set_recorder(&destination_recorder);
  }

  // Most commits change one array block, the same one for a while: so the others stay as they are while
  // blocks all around them come and go, which is when a block that is still needed could be taken by mistake.
  void make_history() {
    machine.run([this] {
      clone.create();
      for (unsigned i = 1; i <= 60; ++i) make_transaction(i);
      machine.host().sleep_for(std::chrono::seconds(3));
      clone.suspend();
      clone.resume();
    });
  }
  void make_transaction(unsigned number) {
    constexpr sector_t array_block_sectors = 509 * 64 * 8;
    const sector_t array_block = number % 7 == 0 ? 2 : number % 3 == 0 ? 1 : 0;
    const sector_t sector = array_block * array_block_sectors + number * 48;
    sim::host::Process write = machine.host().start("writer", [this, sector] { clone.write(sector, "AAA"); });
    machine.host().sleep_for(std::chrono::milliseconds(100));
    clone.discard(sector + 16, 16);
    const bool fua = number % 5 == 0;
    clone.write(sector + 32, fua ? "FFFFFFFF" : "BBBBBBBB", fua);
    clone.flush();
    write.wait();
  }

  std::vector<Event> events;
  Recorder metadata_recorder{Disk::metadata, events};
  Recorder destination_recorder{Disk::destination, events};
  test::Machine machine{GetParam()};
  test::Clone clone{machine, {.sectors = 524288, .metadata_sectors = 120}};
};

bool is_superblock(const Event& event) {
  return event.disk == Disk::metadata && event.kind == Event::Kind::write && event.sector == 0;
}

// Between a change of the metadata and the superblock that leads to it there is a flush; the superblock is
// followed by one before anything else is written.
TEST_P(CommitOrder, TheSuperblockIsWrittenAloneBetweenTwoFlushes) {
  make_history();
  std::size_t superblocks = 0;
  const Event* before = nullptr;
  for (const Event& event : events) {
    if (event.disk != Disk::metadata) continue;
    if (is_superblock(event)) {
      ++superblocks;
      ASSERT_NE(before, nullptr);
      EXPECT_EQ(before->kind, Event::Kind::flush_ended) << "superblock " << superblocks;
    } else if (before != nullptr && is_superblock(*before)) {
      EXPECT_EQ(event.kind, Event::Kind::flush_begins) << "after superblock " << superblocks;
    }
    before = &event;
  }
  EXPECT_GT(superblocks, 60U);
}

// What was written to the destination before a commit began is durable before its superblock is written.
TEST_P(CommitOrder, TheDestinationIsFlushedBeforeTheMetadata) {
  make_history();
  std::size_t superblocks = 0;
  bool flushed = false;  // the destination, since the superblock before
  for (const Event& event : events) {
    if (event.disk == Disk::destination && event.kind == Event::Kind::flush_ended) flushed = true;
    if (!is_superblock(event)) continue;
    // The first one is that of the new metadata, which promises nothing.
    EXPECT_TRUE(flushed || superblocks == 0) << "superblock " << superblocks;
    ++superblocks;
    flushed = false;
  }
  EXPECT_GT(superblocks, 60U);
}

// The metadata disk as it is after some of the events.
class Image {
 public:
  void apply(const Event& event) {
    constexpr std::size_t sectors = dmclone::metadata_block_sectors;
    for (std::size_t i = 0; i < dmcore::to_sectors(event.data.size()); i += sectors) {
      const auto* begin = event.data.data() + dmcore::to_bytes(i);
      blocks_[(event.sector + i) / sectors].assign(begin, begin + dmcore::to_bytes(sectors));
    }
  }

  template <class Disk>
  const Disk& as(dmcore::block_t block) const {
    return *reinterpret_cast<const Disk*>(blocks_.at(block).data());
  }

  // The blocks that have a reference, as the space map has it that the superblock leads to.
  std::set<dmcore::block_t> used() const {
    std::set<dmcore::block_t> found;
    const auto& root = *reinterpret_cast<const dmcore::SpaceMapRootDisk*>(
        &as<dmclone::SuperblockDisk>(0).metadata_space_map_root);
    const auto& index = as<dmcore::MetadataIndexDisk>(root.bitmap_root);
    const std::vector<std::byte>& bitmap = blocks_.at(index.index[0].blocknr);
    for (dmcore::block_t block = 0; block < root.nr_blocks; ++block) {
      const auto byte = bitmap.at(sizeof(dmcore::BitmapHeaderDisk) + block / dmcore::bitmap_entries_per_byte);
      const unsigned shift = 2 * (block % dmcore::bitmap_entries_per_byte);
      if (((static_cast<unsigned>(byte) >> shift) & 3) != 0) found.insert(block);
    }
    EXPECT_EQ(found.size(), root.nr_allocated);
    return found;
  }

 private:
  std::map<dmcore::block_t, std::vector<std::byte>> blocks_;
};

// Until the new superblock is there, everything that the old one leads to is still what it was.
TEST_P(CommitOrder, NoBlockOfTheLastTransactionIsOverwritten) {
  make_history();
  Image image;
  std::set<dmcore::block_t> used;
  std::size_t others = 0;
  for (const Event& event : events) {
    if (event.disk != Disk::metadata || event.kind != Event::Kind::write) continue;
    ASSERT_EQ(event.sector % dmclone::metadata_block_sectors, 0U);
    ASSERT_EQ(dmcore::to_sectors(event.data.size()), dmclone::metadata_block_sectors);
    image.apply(event);
    const dmcore::block_t block = event.sector / dmclone::metadata_block_sectors;
    if (block == 0) {
      used = image.used();
    } else {
      ++others;
      EXPECT_FALSE(used.contains(block)) << "block " << block << " belongs to the last transaction";
    }
  }
  EXPECT_GT(others, 240U);
}

// Only the first sector of block 0 ever changes, so that a disk which writes sectors whole cannot tear it.
TEST_P(CommitOrder, TheSuperblockIsInItsFirstSector) {
  make_history();
  for (const Event& event : events) {
    if (!is_superblock(event)) continue;
    for (std::size_t i = dmcore::sector_size; i < event.data.size(); ++i)
      ASSERT_EQ(event.data[i], std::byte{0});
  }
}

INSTANTIATE_TEST_SUITE_P(Schedules, CommitOrder,
                         testing::Values(sim::Schedule{}, sim::Schedule{sim::Schedule::Kind::random, 1},
                                         sim::Schedule{sim::Schedule::Kind::random, 2}),
                         [](const auto& info) {
                           return info.param.kind == sim::Schedule::Kind::fifo
                                      ? std::string("Fifo")
                                      : "Random" + std::to_string(info.param.seed);
                         });

}  // namespace
