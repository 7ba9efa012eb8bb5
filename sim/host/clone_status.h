// SPDX-License-Identifier: GPL-2.0-or-later
// The status of a clone target, as values (dm-clone's documentation, "Status").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sim::host {

struct CloneStatus {
  // Of the metadata. With `fail` and `error` a target may say nothing else, and all other fields are 0.
  enum class Mode : std::uint8_t {
    read_write,
    read_only,
    fail,
    error,  // the target could not read its own numbers
  };

  std::uint64_t metadata_block_sectors = 0;
  std::uint64_t metadata_blocks_used = 0;
  std::uint64_t metadata_blocks = 0;
  std::uint64_t region_sectors = 0;
  std::uint64_t hydrated_regions = 0;
  std::uint64_t regions = 0;
  std::uint64_t hydrating_regions = 0;
  std::vector<std::string> features;                                // "no_hydration", "no_discard_passdown"
  std::vector<std::pair<std::string, std::string>> core_arguments;  // "hydration_threshold", "1"
  Mode mode = Mode::read_write;

  // Reads what `dmsetup status` prints behind the target's type. Nothing if no clone target would print it.
  static std::optional<CloneStatus> parse(std::string_view params);

  // Whether the source is no longer needed: every region is on the destination, and none is being copied.
  [[nodiscard]] bool hydrated() const { return hydrated_regions == regions && hydrating_regions == 0; }
  [[nodiscard]] bool has_feature(std::string_view name) const;
};

}  // namespace sim::host
