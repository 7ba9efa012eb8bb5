// SPDX-License-Identifier: GPL-2.0-or-later
// Caches of metadata blocks on probe disks, and what the first disk was asked for.
#pragma once

#include <gmock/gmock.h>
#include <optional>

#include "dmcore/persistent/buffer_cache.h"

#include "tests/rig/machine.h"
#include "tests/support/value_of.h"

namespace test {

inline constexpr std::uint32_t cache_block_bytes = 4096;
inline constexpr unsigned cache_reserved_buffers = 2;

class BufferCacheFixture : public testing::Test {
 protected:
  BufferCacheFixture() {
    disk.outcome = [this](const dmcore::Bio& bio) {
      const dmcore::block_t block = bio.sector / 8;
      seen_.push_back(bio.size == 0 ? "f" : (bio.is_write() ? "w" : "r") + std::to_string(block));
      return fails == std::pair(bio.op, block) && bio.size != 0 ? dmcore::BlockStatus::medium
                                                                : dmcore::BlockStatus::ok;
    };
  }

  void run(const std::function<void(dmcore::BufferCache&)>& body) {
    machine.run([&] {
      dmcore::BufferCache cache(machine.kernel(), disk, cache_block_bytes, cache_reserved_buffers);
      body(cache);
      cache.destroy();
    });
  }

  static void read(dmcore::BufferCache& cache, dmcore::block_t block) {
    cache.release(*value_of(cache.read(block)));
  }
  static void change(dmcore::BufferCache& cache, dmcore::block_t block, char fill) {
    dmcore::Buffer* held = value_of(cache.fresh(block));
    std::fill_n(held->data(), cache_block_bytes, static_cast<std::byte>(fill));
    cache.mark_dirty(*held);
    cache.release(*held);
  }
  // What the disk was asked for since the last call: "r5" and "w5" for blocks, "f" for a flush.
  std::vector<std::string> seen() { return std::exchange(seen_, {}); }

  Machine machine;
  ProbeDisk& disk = machine.add_probe_disk(1024);
  // Fails writes, or reads, of this block.
  std::optional<std::pair<dmcore::BioOp, dmcore::block_t>> fails;

 private:
  std::vector<std::string> seen_;
};

}  // namespace test
