// SPDX-License-Identifier: GPL-2.0-or-later
// error: fails all I/O (drivers/md/dm-target.c).
#include "dmcore/targets/targets.h"

namespace dmcore {

namespace {

class ErrorTarget final : public Target {
 public:
  using Target::Target;

  // Any arguments are accepted and ignored.
  Status ctr(std::span<const std::string>) override {
    num_discard_bios = 1;  // discards fail with EIO, instead of being unsupported
    return {};
  }
  MapResult map(Bio&) override { return MapResult::kill; }
  std::string status(StatusType, bool) override { return {}; }
};

TargetArguments error_arguments() {
  return {.summary = "fails all I/O", .ignores_rest = true};
}

}  // namespace

TargetType error_target_type() {
  TargetType type;
  type.name = "error";
  type.version = {1, 5, 0};
  type.features = TargetType::wildcard;
  type.arguments = error_arguments;
  type.make = [](Table& table, sector_t begin, sector_t len) {
    return std::make_unique<ErrorTarget>(table, begin, len);
  };
  return type;
}

}  // namespace dmcore
