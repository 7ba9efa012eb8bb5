// SPDX-License-Identifier: GPL-2.0-or-later
// The declaration of what clone_args.cpp reads.
#include "dmclone/clone_arguments.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "dmclone/clone_target.h"

namespace dmclone {

namespace {

using dmcore::Argument;
using dmcore::DeviceRole;
using dmcore::KeywordGroup;
using dmcore::NumberFormat;
using dmcore::sector_t;

Argument device(DeviceRole role, std::string_view name, std::string meaning) {
  return {.name = std::string(name) + " device",
          .meaning = std::move(meaning),
          .kind = Argument::Kind::device,
          .role = role};
}

Argument region_size() {
  return {.name = "region size",
          .meaning = "a region is copied as a whole",
          .format = NumberFormat::scanned_32,
          .unit = Argument::Unit::sectors,
          .min = min_region_size,
          .max = max_region_size,
          .power_of_two = true,
          .sets_region = true};
}

KeywordGroup features(const Dialect& dialect) {
  return {.name = "feature arguments",
          .words_max = max_feature_args,
          .keywords = {
              {.name = no_hydration_feature,
               .meaning = "no background copy until the message enable_hydration",
               .when_absent = "the background copy runs from the first resume on"},
              {.name = no_discard_passdown_feature,
               .meaning = fmt::format("discards are not passed on to the {} device", dialect.destination),
               .when_absent = fmt::format("discards are passed on to the {} device", dialect.destination)}}};
}

// In the dialect's unit.
Argument amount_of_regions(const Dialect& dialect, std::string meaning) {
  return {.name = "value",
          .meaning = std::move(meaning),
          .format = NumberFormat::parsed,
          .unit = dialect.counts_sectors ? Argument::Unit::sectors : Argument::Unit::regions,
          .max = dialect.number_max(),
          .to_regions = [&dialect](std::uint64_t number, sector_t region) {
            return dialect.counts_sectors ? number / region : number;
          }};
}

KeywordGroup core_arguments(const Dialect& dialect) {
  Argument threshold = amount_of_regions(dialect, "in flight at most");
  Argument batch = amount_of_regions(dialect, "copied as one at most");
  // A batch is kept in regions, as a 32-bit number, and one of none is one of one.
  batch.to_regions = [&dialect](std::uint64_t number, sector_t region) {
    return std::max(dialect.to_regions(number, region), 1U);
  };
  return {.name = "core arguments",
          .words_max = max_core_args,
          .keywords = {{.name = threshold_key,
                        .meaning = "how much the background copy may have in flight",
                        .values = {std::move(threshold)},
                        .default_value =
                            [&dialect](sector_t region) { return dialect.default_threshold_for(region); }},
                       {.name = dialect.batch_key,
                        .meaning = "how many adjacent regions the background copy copies as one",
                        .values = {std::move(batch)},
                        .default_value = [&dialect](sector_t region) {
                          return dialect.from_regions(default_hydration_batch_size, region);
                        }}}};
}

}  // namespace

dmcore::TargetArguments clone_arguments(const Dialect& dialect) {
  return {.summary = "a copy of a device, made on another one while it is used",
          .parts = {device(DeviceRole::metadata, "metadata", "remembers which regions are copied"),
                    device(DeviceRole::destination, dialect.destination, "gets the copy, and all writes"),
                    device(DeviceRole::source, dialect.source, "is only read"), region_size(),
                    features(dialect), core_arguments(dialect)},
          .ignores_rest = true};
}

}  // namespace dmclone
