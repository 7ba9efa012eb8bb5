// SPDX-License-Identifier: GPL-2.0-or-later
// What a clone device owes its user, as a model small enough to be believed: for each sector, the values that
// a read may return.
//
// Commands that were put in the background may take effect at any time until they have been waited for.
// Between two waits is a window: of the values written to a sector in it, any may be the last. A discard
// leaves a sector undefined: it may keep its value, read as zero, or show what the destination held.
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
  // Every sector holds `initial`; `beneath` is what the destination held.
  CloneModel(std::uint64_t sectors, const Value& initial, Value beneath);

  void write(std::uint64_t first, std::uint64_t count, const Value& value, bool background);
  void discard(std::uint64_t first, std::uint64_t count, bool background);
  // All background commands have ended.
  void wait();

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
  void change(Sector& sector, const std::set<Value>& values, bool replaces, bool background);

  std::vector<Sector> sectors_;
  Value beneath_;
};

}  // namespace proptests
