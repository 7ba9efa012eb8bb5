// SPDX-License-Identifier: GPL-2.0-or-later
// A simulated machine as libdevmapper and dmsetup see it.
#pragma once

#include <string>

#include "dmcore/dm/dm.h"

#include "sim/libdm/system.h"

namespace sim::host {

class Host;

class MachineSystem final : public libdm::System {
 public:
  // Files that dmsetup reads are found from `directory` on. The host, whose machine it is, must outlive this.
  MachineSystem(Host& host, std::string directory);

  dmcore::Status control(std::uint32_t command, std::span<std::byte> buffer) override;
  [[nodiscard]] std::uint32_t device_mapper_major() const override { return dmcore::DeviceMapper::major; }
  libdm::NodeDirectory& nodes() override { return nodes_; }
  std::optional<std::uint64_t> device_at(std::string_view path) override;
  std::optional<std::string> block_device_name(std::uint64_t device) override;
  std::optional<std::uint32_t> read_ahead(std::uint64_t device) override;
  bool set_read_ahead(std::uint64_t device, std::uint32_t sectors) override;
  std::optional<std::string> read_file(const std::string& path) override;
  void sleep_for(dmcore::Duration duration) override;

 private:
  [[nodiscard]] dmcore::BlockDevice* find(std::uint64_t device) const;

  Host& host_;
  std::string directory_;
  libdm::NodeDirectory nodes_;
};

}  // namespace sim::host
