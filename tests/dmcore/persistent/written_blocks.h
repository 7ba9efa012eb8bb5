// SPDX-License-Identifier: GPL-2.0-or-later
// The metadata blocks that a disk is asked to write.
#pragma once

#include <span>
#include <vector>

#include "sim/disk/media_observer.h"

#include "tests/dmcore/persistent/metadata_fixture.h"

namespace test {

// In order.
class WrittenBlocks final : public sim::MediaObserver {
 public:
  [[nodiscard]] Moment now() override { return ++now_; }
  void submitted(WriteId, const Range& range) override {
    blocks.push_back(range.offset / metadata_block_bytes);
  }
  void executed(WriteId, const Range&) override {}
  void ended(WriteId, const Range&, bool) override {}
  void flushed(Moment, std::span<const WriteId>) override {}
  void rotted(std::uint64_t, std::byte) override {}
  void replaced(std::uint64_t, std::uint64_t) override {}

  std::vector<dmcore::block_t> blocks;

 private:
  Moment now_ = 0;
};

}  // namespace test
