// SPDX-License-Identifier: GPL-2.0-or-later
// The states of all disks of a machine together.
#pragma once

#include <unordered_map>
#include <vector>

#include "sim/explore/disk_state.h"
#include "sim/explore/journal.h"
#include "sim/explore/recovery.h"
#include "sim/explore/torn_bytes.h"

namespace sim::explore {

class Disks {
 public:
  // `contents`: of each disk. `torn`: makes blocks that are torn inside a sector; null: none is.
  Disks(const std::vector<Disk>& disks, const std::vector<std::vector<ContentId>>& contents,
        TornBlocks* torn = nullptr);
  // After the power was cut, and the blocks were read: of the other disks only tokens are known. `before`
  // must outlive this.
  Disks(const std::vector<Disk>& disks, const Disks& before, const std::vector<BlockRead>& reads);

  void apply(const Trace& trace, const Event& event);
  // The sectors of disks without metadata that may have other candidates since this was set. May be null.
  void set_changes(std::vector<Token>* changes) { changes_ = changes; }

  // What apply() changes from now on is noted there. Not owned.
  void set_journal(Journal& journal) { journal_ = &journal; }

  [[nodiscard]] const DiskState& operator[](std::uint32_t disk) const { return states_[disk]; }
  // Of a metadata disk. `unit`: see DiskState.
  void block_candidates(std::uint32_t disk, std::uint32_t block, Tear tear,
                        std::vector<BlockContent>& out) const;

  // Equal if a power cut may leave the same; 64 bits, which differ by chance otherwise.
  [[nodiscard]] std::uint64_t signature() const { return signature_; }
  // Binary logarithm of the number of states that a power cut may leave, if each sector is chosen by itself;
  // in thousandths, which are the same everywhere.
  [[nodiscard]] std::uint64_t states_millibits() const { return states_millibits_; }

 private:
  struct Seen {
    std::uint64_t hash = 0;
    std::uint64_t millibits = 0;
  };
  [[nodiscard]] bool is_metadata(std::uint32_t disk, std::uint32_t sector) const {
    return boost::icl::contains(disks_[disk].metadata, sector);
  }
  std::uint64_t hash_of(std::uint32_t disk, std::uint32_t sector);
  void remember(std::uint32_t disk, std::uint32_t sector);
  void look_at(std::uint32_t disk, std::uint32_t sector);
  void note(const Event& event);

  const std::vector<Disk>& disks_;
  TornBlocks* torn_;  // not owned
  std::vector<DiskState> states_;
  std::vector<std::unordered_map<std::uint32_t, Seen>> seen_;
  std::vector<ContentId> candidates_;
  std::vector<Token>* changes_ = nullptr;
  Journal* journal_ = nullptr;
  std::uint64_t signature_ = 0;
  std::uint64_t states_millibits_ = 0;
};

}  // namespace sim::explore
