// SPDX-License-Identifier: GPL-2.0-or-later
// zero: reads zeroes, discards writes (drivers/md/dm-zero.c).
#include <cstring>

#include "dmcore/targets/targets.h"

namespace dmcore {

namespace {

class ZeroTarget final : public Target {
 public:
  using Target::Target;

  Status ctr(std::span<const std::string> argv) override;
  MapResult map(Bio& bio) override;
  std::string status(StatusType, bool) override { return {}; }
};

Status ZeroTarget::ctr(std::span<const std::string> argv) {
  if (!argv.empty()) return fail("No arguments required");
  num_discard_bios = 1;
  return {};
}

MapResult ZeroTarget::map(Bio& bio) {
  if (bio.op == BioOp::read) {
    std::memset(bio.data, 0, bio.size);
  } else if (bio.op != BioOp::write) {
    return MapResult::kill;
  }
  end_bio(bio);
  return MapResult::submitted;
}

TargetArguments zero_arguments() {
  return {.summary = "reads as zeroes, forgets writes"};
}

}  // namespace

TargetType zero_target_type() {
  TargetType type;
  type.name = "zero";
  type.version = {1, 1, 0};
  type.features = TargetType::nowait;
  type.arguments = zero_arguments;
  type.make = [](Table& table, sector_t begin, sector_t len) {
    return std::make_unique<ZeroTarget>(table, begin, len);
  };
  return type;
}

}  // namespace dmcore
