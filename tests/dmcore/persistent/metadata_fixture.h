// SPDX-License-Identifier: GPL-2.0-or-later
// A machine with one metadata disk and an empty, formatted space map on it: for tests of the persistent-data
// library.
#pragma once

#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "dmcore/persistent/metadata_space_map.h"

#include "tests/rig/machine.h"
#include "tests/support/value_of.h"

namespace test {

inline constexpr std::uint32_t metadata_block_bytes = 4096;

class MetadataTest : public testing::Test {
 protected:
  // The map begins with so many blocks, on a disk with room for more.
  explicit MetadataTest(dmcore::block_t nr_blocks = 1000)
      : nr_blocks_(nr_blocks),
        disk(machine.add_disk(50'000 * (metadata_block_bytes >> dmcore::sector_shift))) {}

  // Runs `body` in process context with `blocks`, and with a new `map` on them.
  void run(const std::function<void()>& body) {
    run_with_blocks([&] {
      map = std::make_unique<dmcore::MetadataSpaceMap>(*blocks);
      ASSERT_TRUE(map->create(nr_blocks_, 0).ok());
      ASSERT_TRUE(blocks->flush().ok());
      body();
    });
    map.reset();
  }
  // The same without a map.
  void run_with_blocks(const std::function<void()>& body) {
    machine.run([&] {
      blocks = make_blocks();
      body();
      blocks->destroy();
    });
    blocks.reset();
  }

  std::unique_ptr<dmcore::BlockManager> make_blocks() {
    constexpr unsigned held_at_once = 5;
    return std::make_unique<dmcore::BlockManager>(machine.kernel(), disk, metadata_block_bytes, held_at_once);
  }

  // Ends the transaction: everything is written, and counts as the last one's from now on.
  dmcore::Status commit() {
    DMCORE_TRY(map->transactions().pre_commit());
    DMCORE_TRY_ASSIGN(dmcore::BlockRef superblock, blocks->write_lock_zero(0, nullptr));
    return map->transactions().commit(std::move(superblock));
  }

  // Forgets what is cached, so that it is read again. Nothing may be locked.
  void reopen() {
    std::array<std::byte, sizeof(dmcore::SpaceMapRootDisk)> root{};
    ASSERT_TRUE(map->copy_root(root).ok());
    map.reset();
    blocks->destroy();
    blocks = make_blocks();
    map = std::make_unique<dmcore::MetadataSpaceMap>(*blocks);
    ASSERT_TRUE(map->open(root).ok());
  }

  [[nodiscard]] std::uint32_t count_of(dmcore::block_t block) { return value_of(map->get_count(block)); }

  std::vector<std::string> logged() { return machine.logged(); }

  dmcore::block_t nr_blocks_;
  Machine machine;
  sim::VirtualDisk& disk;
  std::unique_ptr<dmcore::BlockManager> blocks;
  std::unique_ptr<dmcore::MetadataSpaceMap> map;
};

}  // namespace test
