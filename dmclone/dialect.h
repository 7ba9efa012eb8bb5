// SPDX-License-Identifier: GPL-2.0-or-later
// The words and units in which one talks with the clone target: its table line, messages, status and
// complaints.
//
// Linux's target copies a source to a destination and counts in regions. In the first posting of dm-clone
// (dm-devel, July 2019) it copied an origin to a clone and counted in sectors. A dialect is what differs for
// whoever talks; the machinery behind it is one. docs/dialects.md compares the two, fact by fact.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "dmcore/kernel/errno.h"
#include "dmcore/kernel/types.h"

namespace dmclone {

// How much may be hydrating in the background at once, as core argument and message; the same in all
// dialects.
inline constexpr std::string_view threshold_key = "hydration_threshold";

// Feature arguments, the same in all dialects.
inline constexpr std::string_view no_hydration_feature = "no_hydration";
inline constexpr std::string_view no_discard_passdown_feature = "no_discard_passdown";

struct Dialect {
  std::string_view name;         // what one asks for it by
  std::string_view destination;  // the writable device
  std::string_view destination_titled;
  std::string_view source;     // the device that is only read
  std::string_view batch_key;  // how many adjacent regions to copy at once, as core argument and message
  // In the unit below; see default_threshold_for().
  std::uint64_t default_threshold;
  bool counts_sectors;         // thresholds and batches are given, and shown, in sectors; else in regions
  bool logs_wrong_word_count;  // of a message; else it just fails

  // What a device with regions of so many sectors starts with.
  [[nodiscard]] std::uint64_t default_threshold_for(dmcore::sector_t region_size) const {
    return std::max(default_threshold, from_regions(1, region_size));
  }
  // The largest number that core arguments and messages may have: that of kstrtoul() on a 64-bit kernel, or
  // of kstrtouint().
  [[nodiscard]] constexpr std::uint64_t number_max() const {
    return counts_sectors ? std::numeric_limits<std::uint64_t>::max()
                          : std::numeric_limits<std::uint32_t>::max();
  }
  // Any error is Errno::inval.
  [[nodiscard]] dmcore::Result<std::uint64_t> parse_number(std::string_view text) const;
  // `region_size` in sectors.
  [[nodiscard]] std::uint64_t from_regions(std::uint64_t regions, dmcore::sector_t region_size) const {
    return counts_sectors ? regions * region_size : regions;
  }
  // Whole regions, as a 32-bit number: what is more wraps around.
  [[nodiscard]] unsigned to_regions(std::uint64_t number, dmcore::sector_t region_size) const {
    return static_cast<unsigned>(counts_sectors ? number / region_size : number);
  }
};

// Linux since 5.4, where dm-clone was merged.
inline constexpr Dialect linux_dialect{.name = "linux",
                                       .destination = "destination",
                                       .destination_titled = "Destination",
                                       .source = "source",
                                       .batch_key = "hydration_batch_size",
                                       .default_threshold = 1,
                                       .counts_sectors = false,
                                       .logs_wrong_word_count = false};

// "[RFC PATCH 1/1] dm: add clone target", <20190709141522.29606-2-ntsironis@arrikto.com>.
inline constexpr Dialect rfc1_dialect{.name = "rfc1",
                                      .destination = "clone",
                                      .destination_titled = "Clone",
                                      .source = "origin",
                                      .batch_key = "hydration_block_size",
                                      .default_threshold = 2048,
                                      .counts_sectors = true,
                                      .logs_wrong_word_count = true};

// All of them, the usual one first.
std::span<const Dialect* const> dialects();

}  // namespace dmclone
