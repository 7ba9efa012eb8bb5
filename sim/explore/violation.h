// SPDX-License-Identifier: GPL-2.0-or-later
// What can be wrong after a power cut.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/explore/recovery.h"

namespace sim::explore {

enum class Oracle : std::uint8_t {
  starts,     // the devices can be set up and read, and the machine does not stop
  metadata,   // metadata are undamaged: `dmsim check` finds nothing
  contract,   // each sector holds what the contract allows
  hydrated,   // what is hydrated on disk is durable on the destination
  source,     // the source of a clone is never written
  committed,  // regions that were hydrated for good stay so
  stable,     // what was read after one power cut is there after the next
  complete,   // a clone that is hydrated to its end is the same as its destination
  expect,     // what the scenario itself expects after `crash`
};
constexpr std::size_t oracle_count = 9;
constexpr std::array<bool, oracle_count> all_oracles = [] {
  std::array<bool, oracle_count> all = {};
  all.fill(true);
  return all;
}();
std::string_view name_of(Oracle oracle);
std::optional<Oracle> oracle_named(std::string_view name);

// Which of its candidates a metadata block had, where there were several.
struct BlockChoice {
  std::uint32_t disk = 0;
  std::uint32_t block = 0;
  std::uint32_t candidate = 0;  // see Disks::block_candidates()

  friend bool operator==(const BlockChoice&, const BlockChoice&) = default;
};

struct Cut {
  std::uint32_t event = 0;             // the cut comes after so many events
  std::vector<std::uint32_t> missing;  // but before these, by their numbers: in another order
  std::vector<BlockChoice> choices;    // what the machine found that started then

  friend bool operator==(const Cut&, const Cut&) = default;
};

struct Violation {
  Oracle oracle = Oracle::contract;
  std::vector<Cut> cuts;  // one after the other
  std::string device;
  std::uint32_t sector = 0;        // of the device; of `contract`, `hydrated` and `stable`
  std::vector<ContentId> found;    // what it may hold and must not
  std::vector<ContentId> allowed;  // what it must hold
  std::string what;                // for those that are not about a sector
};

}  // namespace sim::explore
