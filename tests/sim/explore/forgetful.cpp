// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/explore/forgetful.h"

#include <array>

#include "dmcore/block/lib.h"
#include "dmcore/dm/table.h"
#include "dmcore/kernel/memory.h"

namespace test {

namespace {

using dmcore::MapResult;
using dmcore::Status;

class LinearTarget : public dmcore::Target {
 public:
  using Target::Target;

  Status ctr(std::span<const std::string> argv) override {
    if (argv.size() != 2) return fail("Invalid argument count");
    const auto device = get_device(argv[0], table().mode());
    if (!device.ok()) return fail("Device lookup failed", device.error());
    device_ = *device;
    num_flush_bios = 1;
    return {};
  }
  void dtr() override {
    if (device_ != nullptr) put_device(device_);
  }
  MapResult map(dmcore::Bio& bio) override {
    bio.device = device_->device;
    bio.sector = target_sector(bio.sector);
    return MapResult::remapped;
  }
  std::string status(dmcore::StatusType type, bool) override {
    return type == dmcore::StatusType::table ? device_->name + " 0" : std::string();
  }

 protected:
  dmcore::TableDevice* device_ = nullptr;
};

class ForgetsFlushes final : public LinearTarget {
 public:
  using LinearTarget::LinearTarget;
  Status ctr(std::span<const std::string> argv) override {
    DMCORE_TRY(LinearTarget::ctr(argv));
    num_flush_bios = 0;  // device-mapper completes what no target wants
    return {};
  }
};

class ForgetsFua final : public LinearTarget {
 public:
  using LinearTarget::LinearTarget;
  MapResult map(dmcore::Bio& bio) override {
    bio.flags &= static_cast<std::uint16_t>(~dmcore::bio_fua);
    return LinearTarget::map(bio);
  }
};

class FearsLetters final : public LinearTarget {
 public:
  using LinearTarget::LinearTarget;
  Status ctr(std::span<const std::string> argv) override {
    DMCORE_TRY(LinearTarget::ctr(argv));
    std::array<std::byte, dmcore::sector_size> bytes{};
    DMCORE_TRY(dmcore::read_sectors(*device_->device, 0, bytes));
    return dmcore::all_zero(bytes) ? Status() : fail("There is a letter");
  }
};

template <class Made>
dmcore::TargetType type_of(std::string name) {
  dmcore::TargetType type;
  type.name = std::move(name);
  type.version = {1, 0, 0};
  type.make = [](dmcore::Table& table, dmcore::sector_t begin, dmcore::sector_t len) {
    return std::make_unique<Made>(table, begin, len);
  };
  return type;
}

}  // namespace

void register_forgetful_targets(sim::Machine& machine) {
  machine.dm().register_target(type_of<ForgetsFlushes>("forgets-flushes")).ignore();
  machine.dm().register_target(type_of<ForgetsFua>("forgets-fua")).ignore();
  machine.dm().register_target(type_of<FearsLetters>("fears-letters")).ignore();
}

}  // namespace test
