// SPDX-License-Identifier: GPL-2.0-or-later
// Sees what happens to the medium of a disk, and to its cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sim {

// Called in the order in which things happen. Must not sleep, nor use the disk.
class MediaObserver {
 public:
  // An event: a number that grows.
  using Moment = std::uint64_t;
  // Of a write: the moment of its submission.
  using WriteId = Moment;
  struct Range {
    std::uint64_t offset;  // bytes, a whole number of logical blocks, as is `bytes`
    std::uint64_t bytes;
    std::span<const std::byte> data;  // empty: zeroes. Valid only during the call
  };

  MediaObserver() = default;
  MediaObserver(const MediaObserver&) = delete;
  MediaObserver& operator=(const MediaObserver&) = delete;
  virtual ~MediaObserver() = default;

  // Now: of a submission.
  [[nodiscard]] virtual Moment now() = 0;

  // The steps of a write, in this order, each for all of its ranges. submitted() comes before the store
  // changes, executed() after that; a write that fails may not be executed. ended(): its completion is
  // called.
  virtual void submitted(WriteId write, const Range& range) = 0;
  virtual void executed(WriteId write, const Range& range) = 0;
  virtual void ended(WriteId write, const Range& range, bool failed) = 0;

  // A flush has ended that was submitted at `submitted`, without an error. `own`: the writes with FUA that
  // were executed before it and end with it.
  virtual void flushed(Moment submitted, std::span<const WriteId> own) = 0;

  // These bits of a byte of the medium turn over by themselves.
  virtual void rotted(std::uint64_t offset, std::byte bits) = 0;
  // Bytes are replaced behind the disk's back.
  virtual void replaced(std::uint64_t offset, std::uint64_t bytes) = 0;
};

}  // namespace sim
