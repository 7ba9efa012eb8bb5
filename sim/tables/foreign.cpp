// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/foreign.h"

#include <fmt/format.h>

#include "sim/tables/amounts.h"
#include "sim/tables/disk_names.h"
#include "sim/tables/references.h"

namespace sim::tables {

namespace {

// Gives the line a linear target, and returns what that stands on.
std::string replace(TableLine& line, const std::string& disk) {
  const std::optional<OneToOne> data = one_to_one(line.target);
  line.target.type = "linear";
  if (data) {
    line.target.params = fmt::format("{} {}", join_arguments({data->device}), data->start);
    return fmt::format("{} from sector {} on, where its data are", data->device, data->start);
  }
  line.target.params = fmt::format("/dev/{} 0", disk);
  return fmt::format("{}, a disk of {}", disk, amount(line.target.length));
}

}  // namespace

std::string stand_in_name(const std::string& device) {
  return fit_for_disk(device) + "-stand-in";
}

void replace_foreign_targets(TableFile& file, bool leave_out, std::vector<bool>& left_out) {
  left_out.assign(file.devices.size(), false);
  for (std::size_t i = 0; i < file.devices.size(); ++i) {
    TableDevice& device = file.devices[i];
    unsigned replaced = 0;
    for (TableLine& line : device.lines) {
      if (is_known_type(line.target.type)) continue;
      const std::string type = line.target.type;
      if (leave_out) {
        left_out[i] = true;
        file.notes.push_back(
            {Note::Kind::left_out, line.where, fmt::format("{}: dmsim has no target {}", device.name, type)});
        continue;
      }
      const std::string disk =
          stand_in_name(device.name) + (++replaced == 1 ? std::string() : fmt::format("-{}", replaced));
      file.notes.push_back({Note::Kind::replaced, line.where,
                            fmt::format("{}: dmsim has no target {}: a linear one stands in for it, on {}",
                                        device.name, type, replace(line, disk))});
    }
  }
}

}  // namespace sim::tables
