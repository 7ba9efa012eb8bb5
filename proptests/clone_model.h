// SPDX-License-Identifier: GPL-2.0-or-later
// What a clone device owes its user, as a model small enough to be believed: for each sector, the values that
// a read may return.
//
// Commands that were put in the background may take effect at any time until they have been waited for.
// Between two waits is a window: of the values written to a sector in it, any may be the last. A discard
// leaves a sector undefined: it may keep its value, read as zero, or show what the destination held.
//
// One exception, "a discard under a copy" in docs/findings.md: a discard of a whole region marks it as
// hydrated even while the region is being copied, so that later writes go to the destination at once, and the
// copy then overwrites them with the source's content. In such a region, and until no copy can be in flight
// any more, a sector may therefore fall back to the source's value, and to no other.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace proptests {

// A sector's value, by the name that the scenario language's `read` prints ("@S", "zero", "A").
using Value = std::string;

class CloneModel {
 public:
  struct Geometry {
    std::uint64_t sectors;
    std::uint64_t region_sectors;
  };

  // Every sector holds `source`; `beneath` is what the destination held.
  CloneModel(Geometry geometry, Value source, Value beneath);

  void write(std::uint64_t first, std::uint64_t count, const Value& value, bool background);
  void discard(std::uint64_t first, std::uint64_t count, bool background);
  // All background commands have ended.
  void wait();
  // Whether the target begins copies by itself from now on. Those in flight are completed in either case.
  void hydrate(bool on);
  // The device was suspended, or removed, which waits for all copies that are in flight.
  void copies_ended();

  // Whether a read of that sector may return that: one that runs now, or, in the background, at any time of
  // the window.
  [[nodiscard]] bool allows(std::uint64_t sector, const Value& value, bool background) const;
  [[nodiscard]] std::string allowed(std::uint64_t sector, bool background) const;

 private:
  struct Sector {
    std::set<Value> before;     // possible when the window began, or now if nothing is in flight
    std::set<Value> in_window;  // written since something on this sector is in flight
    std::set<Value> replaced;   // was possible at some time of the window, but is no more
    bool in_flight = false;
    bool all_written = true;  // nothing in the window may leave the value that was there before
  };
  struct Region {
    bool hydrated = false;               // certainly: it is not being copied, and never will be
    bool written_in_background = false;  // in part, in this window: that may have begun a copy
    bool discard_in_flight = false;      // of the whole region, in this window
    bool discarded = false;              // as a whole, while it may be copied or may begin to be
    bool discarded_under_copy = false;   // the exception
  };
  void change(Sector& sector, const std::set<Value>& values, bool replaces, bool background);
  [[nodiscard]] const Region& region_of(std::uint64_t sector) const {
    return regions_.at(sector / geometry_.region_sectors);
  }
  [[nodiscard]] bool may_be_copied(const Region& region) const;
  void find_discards_under_copies();
  void settle(std::uint64_t index);

  Geometry geometry_;
  std::vector<Sector> sectors_;
  std::vector<Region> regions_;
  Value source_;
  Value beneath_;
  bool hydrates_ = false;          // the target begins copies by itself
  bool copies_in_flight_ = false;  // such copies, perhaps
};

}  // namespace proptests
