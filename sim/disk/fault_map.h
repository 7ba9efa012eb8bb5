// SPDX-License-Identifier: GPL-2.0-or-later
// The faults of a disk, in their order, and what becomes of its requests.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "dmcore/kernel/types.h"

#include "sim/disk/fault.h"
#include "sim/disk/media_observer.h"

namespace sim {

// What faults make of a request.
struct Fate {
  // A request fails as a whole: before anything of it is executed, or after its `ranges` are.
  enum class Error : std::uint8_t { none, before, after };
  Error error = Error::none;
  // Whether `ranges` is what is executed, instead of the request as it was sent.
  bool altered = false;
  std::vector<MediaObserver::Range> ranges = {};
};

class FaultMap {
 public:
  using Ranges = std::vector<MediaObserver::Range>;

  FaultMap() = default;
  explicit FaultMap(std::span<const Fault> faults);

  void add(const Fault& fault);
  // Errors of a range: `writes` are all requests but reads.
  enum class Fails : std::uint8_t { reads, writes, both };
  void add(dmcore::sector_t first, dmcore::sector_t count, Fails what);
  // Whether all flushes fail from now on.
  void fail_flushes(bool fail);
  void clear() { entries_.clear(); }

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] Expectation expectation() const;

  // Of a request that is sent now to a disk of that size. The ranges are the request's, in the order in which
  // they are executed, of whole logical blocks. These count as hits.
  struct Medium {
    std::uint64_t bytes;
    std::uint32_t block_bytes;
  };
  [[nodiscard]] Fate fate_of_read(const Ranges& ranges);
  [[nodiscard]] Fate fate_of_write(Ranges ranges, const Medium& medium);
  // Of a flush that begins now.
  enum class Flush : std::uint8_t { works, fails, lies };
  [[nodiscard]] Flush fate_of_flush();

  // A write has been executed.
  void written(const MediaObserver::Range& range);

  // When a disk that is silent at that time answers again, or asks whether it may: Fault::Silent::for_ever if
  // never. Nothing if it is not silent.
  [[nodiscard]] std::optional<dmcore::Time> silent_until(dmcore::Time now) const;

  // The bits that rot up to that time, once; and when the next one does.
  [[nodiscard]] std::vector<Fault::BitRot> take_rot(dmcore::Time now);
  [[nodiscard]] std::optional<dmcore::Time> next_rot() const;

 private:
  struct Entry {
    Fault::What what;
    std::uint64_t hits_left;
    std::vector<SectorRange> bad = {};  // of read errors: what was not written since
  };

  std::vector<Entry> entries_;
};

}  // namespace sim
