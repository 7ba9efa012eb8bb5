// SPDX-License-Identifier: GPL-2.0-or-later
// The words and units in which one talks with the clone target: its table line, messages, status and
// complaints.
//
// Linux's target copies a source to a destination and counts in regions. In the first posting of dm-clone
// (dm-devel, July 2019) it copied an origin to a clone and counted in sectors. A dialect is what differs for
// whoever talks; the machinery behind it is one. docs/dialects.md compares the two, fact by fact.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dmcore/kernel/errno.h"
#include "dmcore/kernel/types.h"

namespace dmclone {

// How much may be hydrating in the background at once, as core argument and message; the same in all
// dialects.
inline constexpr std::string_view threshold_key = "hydration_threshold";

struct Dialect {
  std::string_view name;         // what one asks for it by
  std::string_view destination;  // the writable device
  std::string_view destination_titled;
  std::string_view source;     // the device that is only read
  std::string_view batch_key;  // how many adjacent regions to copy at once, as core argument and message
  // In the unit below. A device whose regions are larger starts with one region.
  std::uint64_t default_threshold;
  bool counts_sectors;         // thresholds and batches are given, and shown, in sectors; else in regions
  bool logs_wrong_word_count;  // of a message; else it just fails

  // A number as this dialect's core arguments and messages accept it: kstrtoul() of a 64-bit kernel, or
  // kstrtouint(). Any error is Errno::inval.
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
