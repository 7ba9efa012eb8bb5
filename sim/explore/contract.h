// SPDX-License-Identifier: GPL-2.0-or-later
// What a program may rely on after a power cut: of each sector of a device, what it may hold then.
//
// That is the newest write which is known to be durable: one that was acknowledged before a flush began which
// was acknowledged, or that was itself asked to be durable. Or any other write that did not end before that
// one began, acknowledged or not. A sector that was never written holds what was there at the beginning. A
// flush that fails says of what was written before it that it may be lost: no later flush makes it durable.
// After a discard it holds what it might have held without it, or zeroes, or what was beneath.
//
// Two known bugs of dm-clone are excepted, by the names that they have in docs/findings.md:
// * a discard under a copy: a region that is discarded as a whole while it is being copied is copied
//   nevertheless, over what was written since;
// * FUA without a write cache: where the destination has none, a FUA write of a whole region that is not
//   hydrated ends before the commit. It is durable when the next commit is.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/explore/journal.h"
#include "sim/explore/trace.h"

namespace sim::explore {

class Contract {
 public:
  // Of each sector, any of these.
  using Alternatives = std::vector<std::vector<ContentId>>;
  // What is special about a clone.
  struct Clone {
    std::optional<std::uint32_t> destination;  // the disk
    std::uint32_t region_sectors = 0;          // 0: it is no clone
    // Which of the two bugs above it may have.
    bool copies_over_discards = false;
    bool early_fua_writes = false;
    Alternatives source;    // what it copies
    Alternatives beneath;   // what a discard may uncover; behind its end: anything
    Alternatives replaced;  // by copies and writes: what the destination holds, unhydrated
  };
  // `content`: of the device, at the beginning.
  Contract(const Alternatives& content, Clone clone);

  // An operation begins or has ended. `device`: the contract's own; others are none of its business.
  void apply(const Trace& trace, const Event& event, const std::string& device);
  // The same for what happens to a disk.
  void apply_to_disk(const Trace& trace, const Event& event);
  // What these change from now on is noted there. Not owned.
  void set_journal(Journal& journal) { journal_ = &journal; }
  // The disk to which copies go, if the device is a clone.
  [[nodiscard]] std::optional<std::uint32_t> destination() const { return clone_.destination; }
  // The clone is taken down: nothing is being copied any more.
  void closed() {
    discarded_.clear();
    destination_writes_.clear();
  }
  // The sectors of which allowed() has changed since the last call.
  [[nodiscard]] std::vector<std::uint32_t> take_changed() { return std::exchange(changed_, {}); }
  // Equal if the same is allowed; 64 bits, which differ by chance otherwise.
  [[nodiscard]] std::uint64_t signature() const { return signature_; }
  // How often there was something to except.
  [[nodiscard]] std::uint64_t copies_over_discards() const { return copies_over_discards_; }
  [[nodiscard]] std::uint64_t early_fua_writes() const { return early_fua_writes_; }

  struct Allowed {
    bool anything = false;
    std::vector<ContentId> contents;  // sorted

    [[nodiscard]] bool has(ContentId content) const;
    friend bool operator==(const Allowed&, const Allowed&) = default;
  };
  [[nodiscard]] const Allowed& allowed(std::uint32_t sector) const { return allowed_[sector]; }
  // Whether the destination held that before a copy or a write had to replace it, and must not any more.
  [[nodiscard]] bool is_stale(std::uint32_t sector, ContentId content) const;
  [[nodiscard]] std::uint32_t sectors() const { return static_cast<std::uint32_t>(allowed_.size()); }

 private:
  struct Version {
    ContentId content = Contents::zeroes;
    std::uint32_t operation = 0;
    std::uint64_t copy = 0;   // of a copy over a discard: MediaObserver::WriteId
    std::uint64_t begun = 0;  // 0: before all operations
    std::uint64_t ended = 0;  // acknowledged, or refused; 0: not yet
    bool acknowledged = false;
    bool replaces = true;  // others, once it is durable: a write does
    bool anything = false;
    bool durable = false;
  };
  // A write to the destination, which may be a copy.
  struct DiskWrite {
    std::uint64_t write = 0;  // MediaObserver::WriteId
    std::uint64_t begun = 0;
    std::uint32_t first = 0;  // sectors
    std::vector<ContentId> contents;
  };
  void begin(const Trace& trace, const Event& event);
  void end(const Trace& trace, const Event& event, std::uint64_t begun);
  [[nodiscard]] bool ends_before_the_commit(const Operation& write, std::uint32_t sector) const;
  void destination_write_begins(const Trace& trace, const Event& event);
  void destination_write_ends(const Event& event);
  bool copy_over_discard(const DiskWrite& write, std::uint32_t region);
  void count_copy_over_discard();
  void make_durable(std::uint32_t sector, std::uint64_t acknowledged_before);
  void flushed(std::uint64_t begun);
  void flush_failed();
  void allow(std::uint32_t sector);
  void note_discard(const Operation& operation);
  void note(std::uint32_t sector);
  void note_destination_writes();

  std::vector<std::vector<Version>> versions_;  // by sector
  std::vector<Allowed> allowed_;
  std::vector<std::uint32_t> changed_;
  std::vector<std::uint64_t> hashes_;  // of allowed_
  std::uint64_t signature_ = 0;        // of all of them
  Clone clone_;
  std::set<std::uint32_t> discarded_;          // regions, as a whole
  std::vector<DiskWrite> destination_writes_;  // in flight
  std::uint64_t copies_over_discards_ = 0;
  std::uint64_t early_fua_writes_ = 0;
  Journal* journal_ = nullptr;
  std::set<std::uint32_t> open_;                  // sectors with several versions
  std::map<std::uint32_t, std::uint64_t> begun_;  // operations that have not ended, and when they began
};

}  // namespace sim::explore
