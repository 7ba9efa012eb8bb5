// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/foreign.h"

#include <fmt/format.h>

#include "sim/tables/amounts.h"
#include "sim/tables/disk_names.h"
#include "sim/tables/foreign_types.h"
#include "sim/tables/known_types.h"
#include "sim/tables/references.h"
#include "sim/tables/text.h"

namespace sim::tables {

namespace {

constexpr std::string_view stand_in = "-stand-in";

// Gives the line a linear target, and returns where that is.
std::string replace(libdm::Target& target, const std::string& disk) {
  const std::optional<OneToOne> data = one_to_one(target);
  target.type = "linear";
  if (data) {
    target.params = fmt::format("{} {}", join_arguments({data->device}), data->start);
    return fmt::format("{} from sector {} on, where its data are", data->device, data->start);
  }
  target.params = fmt::format("/dev/{} 0", disk);
  return fmt::format("{}, a disk of {}", disk, amount(target.length));
}

}  // namespace

std::string stand_in_name(const std::string& device) {
  return fmt::format("{}{}", fit_for_disk(device), stand_in);
}

bool is_stand_in_name(std::string_view disk) {
  return disk.find(stand_in) != std::string_view::npos;
}

void replace_foreign_targets(Stack& stack, bool leave_out) {
  for (StackDevice& device : stack.devices) {
    unsigned replaced = 0;
    for (StackLine& line : device.lines) {
      if (is_known_type(line.given.type)) continue;
      const std::string reason =
          fmt::format("{}: dmsim has no target {}", device.name, excerpt(line.given.type));
      if (leave_out) {
        device.left_out = true;
        stack.notes.push_back({Note::Kind::left_out, line.where, reason});
        continue;
      }
      std::string disk = stand_in_name(device.name);
      if (++replaced > 1) disk += fmt::format("-{}", replaced);
      stack.notes.push_back(
          {Note::Kind::replaced, line.where,
           fmt::format("{}: a linear one stands in for it, on {}", reason, replace(line.target, disk))});
    }
  }
}

}  // namespace sim::tables
