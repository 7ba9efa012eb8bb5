// SPDX-License-Identifier: GPL-2.0-or-later
// linear DEVICE START: maps to the device, from START on (drivers/md/dm-linear.c).
#include <fmt/format.h>

#include "dmcore/dm/table.h"
#include "dmcore/targets/ima.h"
#include "dmcore/targets/targets.h"

namespace dmcore {

namespace {

class LinearTarget final : public Target {
 public:
  using Target::Target;

  Status ctr(std::span<const std::string> argv) override;
  void dtr() override { put_device(device_); }
  MapResult map(Bio& bio) override;
  std::string status(StatusType type, bool noflush) override;
  bool iterate_devices(const DeviceVisitor& visit) override { return visit(*device_, start_, len()); }
  [[nodiscard]] bool has_iterate_devices() const override { return true; }

 private:
  TableDevice* device_ = nullptr;
  sector_t start_ = 0;
};

Status LinearTarget::ctr(std::span<const std::string> argv) {
  if (argv.size() != 2) return fail("Invalid argument count");
  const auto start = scan_u64(argv[1]);
  if (!start) return fail("Invalid device sector");
  start_ = *start;
  const auto device = get_device(argv[0], table().mode());
  if (!device.ok()) return fail("Device lookup failed", device.error());
  device_ = *device;

  num_flush_bios = 1;
  num_discard_bios = 1;
  num_secure_erase_bios = 1;
  num_write_zeroes_bios = 1;
  return {};
}

MapResult LinearTarget::map(Bio& bio) {
  bio.device = device_->device;
  bio.sector = start_ + target_sector(bio.sector);
  return MapResult::remapped;
}

std::string LinearTarget::status(StatusType type_of_status, bool /*noflush*/) {
  switch (type_of_status) {
    case StatusType::info:
      return {};
    case StatusType::table:
      return fmt::format("{} {}", device_->name, start_);
    case StatusType::ima:
      return fmt::format("{},device_name={},start={};", ima_name_and_version(*type), device_->name, start_);
  }
  return {};
}

TargetArguments linear_arguments() {
  return {.summary = "a range of a device", .parts = {data_device_argument(), start_argument()}};
}

}  // namespace

TargetType linear_target_type() {
  TargetType type;
  type.name = "linear";
  type.version = {1, 4, 0};
  type.features = TargetType::passes_integrity | TargetType::nowait | TargetType::passes_crypto;
  type.arguments = linear_arguments;
  type.make = [](Table& table, sector_t begin, sector_t len) {
    return std::make_unique<LinearTarget>(table, begin, len);
  };
  return type;
}

}  // namespace dmcore
