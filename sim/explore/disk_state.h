// SPDX-License-Identifier: GPL-2.0-or-later
// What a disk may hold if the power is cut now, sector by sector (the rules: sim/disk/block_history.h).
#pragma once

#include <array>
#include <boost/icl/interval_set.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sim/disk/block_history.h"
#include "sim/explore/trace.h"

namespace sim::explore {

// How much of a metadata block of 4 KiB reaches the medium.
enum class Tear : std::uint8_t {
  halves,   // as it was written at some time, or its first logical block from one time and the rest from
            // another
  sectors,  // each logical block by itself
  bytes,    // as halves; or it is torn inside a logical block
};
std::string_view name_of(Tear tear);
std::optional<Tear> tear_named(std::string_view name);

constexpr std::uint32_t block_sectors = 8;
using SectorSet = boost::icl::interval_set<std::uint32_t>;
// From `first` on, without `end`.
inline SectorSet::interval_type sector_range(std::uint64_t first, std::uint64_t end) {
  return SectorSet::interval_type::right_open(static_cast<std::uint32_t>(first),
                                              static_cast<std::uint32_t>(end));
}
using BlockContent = std::array<ContentId, block_sectors>;

class DiskState {
 public:
  using History = BlockHistory<ContentId>;

  // A disk with that content. Sectors behind it are zeroes.
  explicit DiskState(std::vector<ContentId> content) : content_(std::move(content)) {}
  // A disk, of that number, that had its power cut in that state. What was not durable then is one of its
  // candidates for good; which is not known. Sectors without metadata have a token instead. Both arguments
  // must outlive this.
  static DiskState after_cut(const DiskState& before, std::uint32_t disk, const SectorSet& metadata);

  // The sector was read: this is what it holds.
  void pin(std::uint32_t sector, ContentId content);
  // All that is known of a sector.
  struct Sector {
    ContentId settled = Contents::zeroes;
    std::optional<History> history;
  };
  // Of a disk that has not had its power cut.
  [[nodiscard]] Sector sector(std::uint32_t sector) const;
  void set_sector(std::uint32_t sector, const Sector& known);
  // Something happens to this disk. Calls changed(sector) for each sector whose candidates may be others.
  using Changed = std::function<void(std::uint32_t sector)>;
  void apply(const Trace& trace, const Event& event, const Changed& changed);

  // The candidates of a sector, all different, in no order that means anything.
  void candidates(std::uint32_t sector, std::vector<ContentId>& out) const;
  // What a read of the sector returns; after a cut without a pin, the first candidate.
  [[nodiscard]] ContentId newest(std::uint32_t sector) const;
  // All that a block may hold, each once. `unit`: sectors of a logical block.
  void block_candidates(std::uint32_t block, Tear tear, std::uint32_t unit,
                        std::vector<BlockContent>& out) const;
  // Whether what the block holds depends on the state at the cut before: it was not written since, or that is
  // not durable.
  [[nodiscard]] bool depends_on_cut(std::uint32_t block) const;

  // The versions of a sector with several candidates: blocks tear between writes. None of one that is known.
  [[nodiscard]] std::vector<History::Version> versions(std::uint32_t sector) const;
  template <class Use>
  void for_each_undetermined(Use use) const {
    for (const auto& [sector, history] : histories_) use(sector, history);
  }

 private:
  DiskState() = default;
  [[nodiscard]] ContentId settled(std::uint32_t sector) const;
  // Whether its content is a question of what was there at the cut.
  [[nodiscard]] bool is_of_cut(std::uint32_t sector) const;
  [[nodiscard]] bool known(std::uint32_t sector) const;
  History& history(std::uint32_t sector);
  void settle(std::uint32_t sector, ContentId content);
  void flush(const Trace& trace, const Event& event, const Changed& changed);

  std::vector<ContentId> content_;                        // of what is determined
  const DiskState* before_ = nullptr;                     // after a cut: of what is not in settled_
  const SectorSet* metadata_ = nullptr;                   // after a cut
  std::uint64_t cuts_ = 0;                                // that this disk has seen
  std::uint32_t disk_ = 0;                                // of the tokens
  std::unordered_map<std::uint32_t, ContentId> settled_;  // instead of content_, after a cut
  std::unordered_map<std::uint32_t, History> histories_;
};

}  // namespace sim::explore
