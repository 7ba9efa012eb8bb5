// SPDX-License-Identifier: GPL-2.0-or-later
// Targets for tests of device-mapper's core. What they do to bios, each test says.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "dmcore/dm/table.h"
#include "dmcore/dm/target.h"

namespace test {

class ProbeTarget;

// What the test wants of its targets, and what happened to them. One for each registered type; outlives the
// machine's use.
struct Probe {
  std::vector<std::string> calls;  // "ctr a b", "presuspend", ...
  std::function<void(ProbeTarget&)> at_ctr;
  std::function<dmcore::MapResult(ProbeTarget&, dmcore::Bio&)> map;
  std::function<dmcore::EndIoResult(ProbeTarget&, dmcore::Bio&, dmcore::BlockStatus&)> end_io;
  std::function<void(dmcore::QueueLimits&)> io_hints;
  dmcore::Status preresume;
  dmcore::Status ctr_status;
  std::string status_text;
  std::string answer;  // to messages
};

// Like linear, with a device ("7:0 8": which, and where it begins) or without; and its Probe is asked first.
class ProbeTarget final : public dmcore::Target {
 public:
  ProbeTarget(dmcore::Table& table, dmcore::sector_t begin, dmcore::sector_t len, Probe& probe)
      : Target(table, begin, len), probe_(probe) {}

  dmcore::Status ctr(std::span<const std::string> argv) override;
  void dtr() override;
  dmcore::MapResult map(dmcore::Bio& bio) override;
  dmcore::EndIoResult end_io(dmcore::Bio& bio, dmcore::BlockStatus& status) override;
  void presuspend() override { probe_.calls.emplace_back("presuspend"); }
  void postsuspend() override { probe_.calls.emplace_back("postsuspend"); }
  dmcore::Status preresume() override {
    probe_.calls.emplace_back("preresume");
    return probe_.preresume;
  }
  void resume() override { probe_.calls.emplace_back("resume"); }
  std::string status(dmcore::StatusType type, bool noflush) override;
  dmcore::Status message(std::span<const std::string> words, std::string& result) override;
  bool iterate_devices(const DeviceVisitor& visit) override {
    return device != nullptr && visit(*device, start, len());
  }
  [[nodiscard]] bool has_iterate_devices() const override { return device != nullptr; }
  void io_hints(dmcore::QueueLimits& limits) override {
    if (probe_.io_hints) probe_.io_hints(limits);
  }

  // As linear does.
  void remap(dmcore::Bio& bio) const {
    bio.device = device->device;
    bio.sector = start + target_sector(bio.sector);
  }
  [[nodiscard]] bool is_suspended() const { return suspended(); }
  dmcore::Status limit_io(dmcore::sector_t sectors) { return set_max_io_len(sectors); }

  dmcore::TableDevice* device = nullptr;
  dmcore::sector_t start = 0;

 private:
  Probe& probe_;
};

// A type of that name whose targets report to `probe`.
dmcore::TargetType probe_type(const std::string& name, Probe& probe, std::uint32_t features = 0);

}  // namespace test
