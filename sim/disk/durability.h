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

#include "sim/store/store.h"

namespace sim {

class Durability {
 public:
  // An event of the disk: a number that grows.
  using Moment = std::uint64_t;
  // Of a write: the moment of its submission.
  using WriteId = Moment;
  // The bytes of a logical block; null: zeroes.
  using Content = std::shared_ptr<const std::vector<std::byte>>;

  // Of the disk with that store, which must outlive it, from now on. All that is there now is durable.
  // `block_bytes`: the logical block size.
  Durability(Store& store, std::uint32_t block_bytes, bool volatile_cache)
      : store_(store), block_bytes_(block_bytes), volatile_cache_(volatile_cache) {}
  Durability(const Durability&) = delete;
  Durability& operator=(const Durability&) = delete;

  // Now: of a submission.
  [[nodiscard]] Moment now() { return ++moment_; }

  // The steps of a write, in this order, each for all of its ranges, which are of whole blocks, in bytes.
  // `data` is what is to be written; empty: zeroes. submitted() comes before the store changes; a write that
  // fails may not be executed.
  struct Range {
    std::uint64_t offset;
    std::uint64_t bytes;
    std::span<const std::byte> data;
  };
  void submitted(WriteId write, const Range& range);
  void executed(WriteId write, const Range& range);
  void ended(WriteId write, const Range& range, bool failed);

  // A flush has ended that was submitted at `submitted`, without an error. `own`: the writes with FUA that
  // were executed before it and end with it.
  void flushed(Moment submitted, std::span<const WriteId> own = {});

  // Bytes are replaced behind the disk's back: what is there now is durable.
  void replaced(std::uint64_t offset, std::uint64_t bytes);

  // Bits are inverted at rest: in all that the block may hold, until it is written again.
  void rotted(std::uint64_t offset, std::byte bits);

  // The blocks with several candidates, by their offsets in bytes.
  [[nodiscard]] std::vector<std::uint64_t> undetermined() const;
  // Of a block, all different: the durable one first, then in the order of their execution, then those that
  // are not executed. One if the block is determined.
  struct Candidates {
    std::vector<Content> contents;
    std::size_t newest = 0;  // what was executed last, which reads return
  };
  [[nodiscard]] Candidates candidates(std::uint64_t offset) const;

  // The power is cut: the store gets the candidate whose number `choose` returns, of each undetermined block,
  // and all is determined.
  using Choose = std::function<std::size_t(std::uint64_t offset, const Candidates& candidates)>;
  dmcore::Status cut(const Choose& choose);

 private:
  enum class State : std::uint8_t { durable, in_flight, ended, failed };
  struct Version {
    WriteId write = 0;
    State state = State::durable;
    bool executed = true;
    Moment ended_at = 0;
    Content content;
  };
  using Versions = std::vector<Version>;

  template <class Use>
  void for_each_block(const Range& range, Use use) const;
  [[nodiscard]] Content content_of(std::span<const std::byte> data, std::uint64_t at) const;
  [[nodiscard]] Content stored(std::uint64_t offset) const;
  [[nodiscard]] static Candidates candidates_of(const Versions& versions);
  static void make_durable(Versions& versions, std::size_t last);
  template <class Covers>
  void flush(Covers covers);

  Store& store_;
  std::uint32_t block_bytes_;
  bool volatile_cache_;
  Moment moment_ = 0;
  std::map<std::uint64_t, Versions> blocks_;  // those that are undetermined, or written now
};

}  // namespace sim
