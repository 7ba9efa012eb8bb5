// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/dm/target_arguments.h"

namespace dmcore {

std::vector<const KeywordGroup*> keyword_groups(const TargetArguments& arguments) {
  std::vector<const KeywordGroup*> groups;
  for (const ArgumentPart& part : arguments.parts) {
    if (const auto* group = std::get_if<KeywordGroup>(&part)) groups.push_back(group);
  }
  return groups;
}

Argument data_device_argument() {
  return {.name = "device", .meaning = "has the data", .kind = Argument::Kind::device};
}

Argument start_argument() {
  return {.name = "start",
          .meaning = "where the data begin on the device",
          .kind = Argument::Kind::start,
          .unit = Argument::Unit::sectors};
}

}  // namespace dmcore
