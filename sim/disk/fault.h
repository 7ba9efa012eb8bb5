// SPDX-License-Identifier: GPL-2.0-or-later
// A fault of a disk, as a value, and what the system above may show because of it.
//
// The fault model. Faults compose: a disk has a list of them, and each acts on what those before it have left
// of a request. What a fault does to a request is decided when the request is sent to the disk, in the order
// of sending; what it does to a flush, when the flush begins. A fault with `hits_max` acts on so many
// requests, or flushes, and then no more. "Writes" are all requests but reads. The logical block is never
// torn: what begins or ends within one is taken to its beginning.
#pragma once

#include <cstdint>
#include <limits>
#include <variant>

#include "dmcore/kernel/types.h"

namespace sim {

struct SectorRange {
  static constexpr dmcore::sector_t everything = std::numeric_limits<dmcore::sector_t>::max();

  dmcore::sector_t first = 0;
  dmcore::sector_t count = everything;

  [[nodiscard]] dmcore::sector_t end() const {
    return count > everything - first ? everything : first + count;
  }
  [[nodiscard]] bool overlaps(const SectorRange& other) const {
    return count != 0 && first < other.end() && other.first < end();
  }
};

struct Fault {
  // Reads that touch the sectors fail, until the sectors have been written: a drive then has other ones in
  // their place.
  struct ReadError {
    SectorRange where = {};
  };
  // Writes that touch the sectors fail. They change nothing, unless a fault before this one has torn or
  // misdirected them: what that one has left is on the medium then.
  struct WriteError {
    SectorRange where = {};
  };
  struct FlushError {};
  // Of a write that touches the sectors only the first `kept` sectors reach the medium. It succeeds.
  struct Torn {
    SectorRange where;
    dmcore::sector_t kept = 0;
  };
  // What a write changes within the sectors is changed at `to` instead, and is lost behind the disk's end. It
  // succeeds.
  struct Misdirected {
    SectorRange where;
    dmcore::sector_t to = 0;
  };
  // A bit is inverted at rest, once.
  struct BitRot {
    std::uint64_t byte = 0;
    unsigned bit = 0;    // 0: the least significant one
    dmcore::Time at{0};  // of the machine; in the past: at once
  };
  // Flushes, also those of writes with FUA, end at once without an error and make nothing durable.
  struct Lies {};
  // What is due in that time of the machine is not done before its end.
  struct Silent {
    static constexpr dmcore::Time for_ever = dmcore::Time::max();
    dmcore::Time from{0};
    dmcore::Time to = for_ever;
  };
  using What = std::variant<ReadError, WriteError, FlushError, Torn, Misdirected, BitRot, Lies, Silent>;

  static constexpr std::uint64_t always = std::numeric_limits<std::uint64_t>::max();

  What what;
  std::uint64_t hits_max = always;  // not of bit rot and silence
};

// What the system above a disk may show because of the disk's faults. What else goes wrong is that system's
// own mistake.
struct Expectation {
  bool read_errors = false;    // reads may fail with EIO
  bool write_errors = false;   // writes may fail with EIO
  bool flush_errors = false;   // flushes may fail with EIO, and what needs one
  bool wrong_data = false;     // reads may return, without an error, what was not written there last
  bool loses_flushed = false;  // a power cut may take what a flush, or FUA, had made durable
  bool waits = false;          // requests may never end, nor what waits for them

  Expectation& operator|=(const Expectation& other);
  bool operator==(const Expectation&) const = default;
};

[[nodiscard]] Expectation expectation_of(const Fault& fault);

}  // namespace sim
