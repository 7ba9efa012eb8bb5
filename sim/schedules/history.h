// SPDX-License-Identifier: GPL-2.0-or-later
// What programs saw of each sector of some devices while they ran side by side, and whether it can be
// explained: there must be an order of all reads and writes of a sector, in which each takes its place at
// some moment between its beginning and its end, and each read returns what was written last (it is
// linearizable).
//
// What a discard leaves is not judged: a sector that may have been discarded last may hold anything.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "sim/explore/contents.h"
#include "sim/host/io_witness.h"

namespace sim::schedules {

class History final : public host::IoWitness {
 public:
  // `contents`: numbers of them. Must outlive this. `finds_known_bugs`: see MachineKind.
  explicit History(explore::Contents& contents, bool finds_known_bugs = false)
      : contents_(contents), finds_known_bugs_(finds_known_bugs) {}

  // The device is judged from here on. Nothing is in flight to it; it holds `bytes`, from sector 0 on. If
  // something is written to one of those that are `below`, it is not judged any more. `is_copied`: regions of
  // a clone are still being copied, so that what was discarded before may yet be copied over.
  void begin(const std::string& device, std::span<const std::byte> bytes, std::set<std::string> below = {},
             bool is_copied = false);
  // Whether it makes a difference to begin() that regions are being copied.
  [[nodiscard]] bool has_discards(const std::string& device) const;
  // Nothing is in flight to it; it holds `bytes` now, which is judged as a read of all of it.
  void rests(const std::string& device, std::span<const std::byte> bytes);
  // Something else than requests to the device may have changed what it holds: it is not judged any more.
  void forget(const std::string& device) { devices_.erase(device); }
  [[nodiscard]] bool judges(const std::string& device) const { return devices_.contains(device); }

  struct Wrong {
    std::string device;
    std::uint32_t sector = 0;
    explore::ContentId found = 0;
    std::vector<explore::ContentId> allowed;
  };
  // The first read that returned what it must not.
  [[nodiscard]] const std::optional<Wrong>& wrong() const { return wrong_; }

  // How often a known bug was excepted: a region that is discarded while it is copied is copied nevertheless,
  // over what was written since.
  [[nodiscard]] std::uint64_t copies_over_discards() const { return copies_over_discards_; }

  // host::IoWitness
  std::uint64_t begins(const Request& request) override;
  void ended(std::uint64_t id, bool ok, std::span<const std::byte> read) override;

 private:
  // Moments grow with each beginning and each end.
  using Moment = std::uint64_t;
  static constexpr Moment never = ~Moment{0};
  struct Version {
    explore::ContentId content = 0;
    bool anything = false;  // a discard
    std::uint64_t operation = 0;
    Moment begun = 0;
    Moment ended = never;  // never: it is under way, or has failed, and may take its place at any moment
    // The end of the first read that can have returned no other one. From then on it was written.
    Moment seen = never;
    // The end of a read from which on another one is known to have replaced it.
    Moment gone = never;
  };
  using Sector = std::vector<Version>;
  struct Operation {
    Kind kind = Kind::flush;
    std::string device;
    std::uint32_t first = 0;
    std::uint32_t count = 0;  // 0: it is not judged
    Moment begun = 0;
  };

  // From then on it has its place.
  static Moment written(const Version& version) { return std::min(version.ended, version.seen); }
  void note_below(const std::string& written);
  void note_discarded(const std::string& device, const std::vector<Sector>& sectors);
  [[nodiscard]] bool may_be_a_copy(const Operation& read, const Sector& versions, std::uint32_t sector,
                                   explore::ContentId found) const;
  static bool is_hidden(const Sector& versions, const Version& version, Moment begun);
  void judge_sector(const Operation& read, Sector& versions, std::uint32_t sector, explore::ContentId found);

  explore::Contents& contents_;
  bool finds_known_bugs_;
  Moment now_ = 0;
  std::map<std::string, std::vector<Sector>> devices_;
  std::map<std::string, std::set<std::string>> below_;  // of each device
  // By sector: what a copy that was under way at the last begin() may bring back, over a discard before that.
  std::map<std::string, std::vector<std::optional<explore::ContentId>>> discarded_;
  std::map<std::uint64_t, Operation> running_;
  std::uint64_t next_operation_ = 1;
  std::optional<Wrong> wrong_;
  std::uint64_t copies_over_discards_ = 0;
};

}  // namespace sim::schedules
