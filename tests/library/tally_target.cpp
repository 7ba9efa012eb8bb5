// SPDX-License-Identifier: GPL-2.0-or-later
#include "tally_target.h"

#include <fmt/format.h>

#include "dmcore/dm/table.h"

namespace {

class Tally : public dmcore::Target {
 public:
  using Target::Target;

  dmcore::Status ctr(std::span<const std::string> argv) override {
    if (argv.size() != 1) return fail("Invalid argument count");
    const auto device = get_device(argv[0], table().mode());
    if (!device.ok()) return fail("Device lookup failed", device.error());
    device_ = *device;
    num_flush_bios = 1;
    return {};
  }
  void dtr() override { put_device(device_); }

  dmcore::MapResult map(dmcore::Bio& bio) override {
    (bio.is_write() ? written_ : read_) += bio.sectors();
    bio.device = device_->device;
    bio.sector = target_sector(bio.sector);
    return dmcore::MapResult::remapped;
  }

  std::string status(dmcore::StatusType type, bool) override {
    if (type != dmcore::StatusType::info) return device_->name;
    return fmt::format("{} sectors read, {} written", read_, written_);
  }

  bool iterate_devices(const DeviceVisitor& visit) override { return visit(*device_, 0, len()); }
  [[nodiscard]] bool has_iterate_devices() const override { return true; }

 private:
  dmcore::TableDevice* device_ = nullptr;
  dmcore::sector_t read_ = 0;
  dmcore::sector_t written_ = 0;
};

}  // namespace

dmcore::TargetType tally_target_type() {
  dmcore::TargetType type;
  type.name = "tally";
  type.version = {1, 0, 0};
  type.make = [](dmcore::Table& table, dmcore::sector_t begin, dmcore::sector_t len) {
    return std::make_unique<Tally>(table, begin, len);
  };
  return type;
}
