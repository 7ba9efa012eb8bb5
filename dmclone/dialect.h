// SPDX-License-Identifier: GPL-2.0-or-later
// The names and units in the interface of the clone target: table line, messages, status and errors.
//
// In Linux the target copies a source to a destination, and its units are regions. In the first posting of
// dm-clone (dm-devel, July 2019) it copied an origin to a clone, and its units were sectors. A dialect has
// these differences in the interface; the implementation is the same. docs/dialects.md compares the two.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "dmcore/kernel/errno.h"
#include "dmcore/kernel/types.h"

namespace dmclone {

// Core argument and message: how much may be under background hydration. The same in all dialects.
inline constexpr std::string_view threshold_key = "hydration_threshold";

// Feature arguments, the same in all dialects.
inline constexpr std::string_view no_hydration_feature = "no_hydration";
inline constexpr std::string_view no_discard_passdown_feature = "no_discard_passdown";

struct Dialect {
  std::string_view name;         // of the option --dialect
  std::string_view destination;  // the writable device
  std::string_view destination_titled;
  std::string_view source;     // the device that is only read
  std::string_view batch_key;  // core argument and message: how many adjacent regions to batch
  // In the unit below; see default_threshold_for().
  std::uint64_t default_threshold;
  bool counts_sectors;         // unit of threshold and batch size: sectors, else regions
  bool logs_wrong_word_count;  // of a message, instead of just failing

  // The default for a device with regions of so many sectors: at least one region.
  [[nodiscard]] std::uint64_t default_threshold_for(dmcore::sector_t region_size) const {
    return std::max(default_threshold, from_regions(1, region_size));
  }
  // The largest number in core arguments and messages.
  [[nodiscard]] constexpr std::uint64_t number_max() const {
    return counts_sectors ? std::numeric_limits<std::uint64_t>::max()
                          : std::numeric_limits<std::uint32_t>::max();
  }
  // A number in core arguments and messages: kstrtoul() of a 64-bit kernel, or kstrtouint(). All errors are
  // Errno::inval.
  [[nodiscard]] dmcore::Result<std::uint64_t> parse_number(std::string_view text) const;
  // `region_size` in sectors.
  [[nodiscard]] std::uint64_t from_regions(std::uint64_t regions, dmcore::sector_t region_size) const {
    return counts_sectors ? regions * region_size : regions;
  }
  // Whole regions, truncated to 32 bits.
  [[nodiscard]] unsigned to_regions(std::uint64_t number, dmcore::sector_t region_size) const {
    return static_cast<unsigned>(counts_sectors ? number / region_size : number);
  }
};

// Linux since 5.4, which was the first with dm-clone.
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

// All dialects, the default first.
std::span<const Dialect* const> dialects();

}  // namespace dmclone
