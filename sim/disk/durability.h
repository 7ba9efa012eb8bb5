// SPDX-License-Identifier: GPL-2.0-or-later
// What a power cut may leave on a disk.
//
// The fault model. The disk keeps each logical block whole, and each by itself: a request tears between
// blocks. Of a block it keeps one of its candidates, which are
//   - the content that is durable,
//   - the content of each write that has ended since, in any order that its requests were executed in,
//   - the content of each write in flight, from when it is submitted: as it was then, and as it is executed.
// A flush that ends without an error makes durable what was executed last of the writes that had ended before
// the flush was submitted, and drops what was executed before that: this is what the block layer promises,
// and all that it does (Documentation/block/writeback_cache_control.rst). So a write that is in flight
// remains a candidate, whatever is flushed. A write with FUA is durable when it ends. A write that fails may
// be there or not. Discards and write-zeroes are writes of zeroes.
//
// Without a volatile cache a write is durable when it has ended; in flight it may be there or not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "dmcore/kernel/types.h"

#include "sim/disk/block_history.h"
#include "sim/disk/media_observer.h"
#include "sim/store/store.h"

namespace sim {

class Durability final : public MediaObserver {
 public:
  // The bytes of a logical block.
  class Content {
   public:
    Content() = default;  // zeroes
    explicit Content(std::span<const std::byte> bytes)
        : bytes_(std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end())) {}
    [[nodiscard]] bool zero() const { return bytes_ == nullptr; }
    // Of one that is not zero.
    [[nodiscard]] std::span<const std::byte> bytes() const { return *bytes_; }
    friend bool operator==(const Content& a, const Content& b) {
      return a.bytes_ == b.bytes_ || (a.bytes_ != nullptr && b.bytes_ != nullptr && *a.bytes_ == *b.bytes_);
    }

   private:
    std::shared_ptr<const std::vector<std::byte>> bytes_;
  };
  using History = BlockHistory<Content>;
  using Candidates = History::Candidates;

  // Of the disk with that store, which must outlive it, from now on. All that is there now is durable.
  // `block_bytes`: the logical block size.
  Durability(Store& store, std::uint32_t block_bytes, bool volatile_cache)
      : store_(store), block_bytes_(block_bytes), volatile_cache_(volatile_cache) {}

  Moment now() override { return ++moment_; }
  void submitted(WriteId write, const Range& range) override;
  void executed(WriteId write, const Range& range) override;
  void ended(WriteId write, const Range& range, bool failed) override;
  void flushed(Moment submitted, std::span<const WriteId> own) override;
  void replaced(std::uint64_t offset, std::uint64_t bytes) override;

  // Bits are inverted at rest: in all that the block may hold, until it is written again.
  void rotted(std::uint64_t offset, std::byte bits) override;

  // The blocks with several candidates, by their offsets in bytes.
  [[nodiscard]] std::vector<std::uint64_t> undetermined() const;
  [[nodiscard]] Candidates candidates(std::uint64_t offset) const;

  // The power is cut: the store gets the candidate whose number `choose` returns, of each undetermined block,
  // and all is determined.
  using Choose = std::function<std::size_t(std::uint64_t offset, const Candidates& candidates)>;
  dmcore::Status cut(const Choose& choose);

 private:
  template <class Use>
  void for_each_block(const Range& range, Use use) const;
  [[nodiscard]] static Content content_of(std::span<const std::byte> data);
  [[nodiscard]] Content written(const Range& range, std::uint64_t at) const;
  [[nodiscard]] Content stored(std::uint64_t offset) const;
  History& history(std::uint64_t offset);
  template <class Covers>
  void flush(Covers covers);

  Store& store_;
  std::uint32_t block_bytes_;
  bool volatile_cache_;
  Moment moment_ = 0;
  std::map<std::uint64_t, History> blocks_;  // those that are undetermined, or written now
};

}  // namespace sim
