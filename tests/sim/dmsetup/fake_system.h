// SPDX-License-Identifier: GPL-2.0-or-later
// A control interface that remembers devices and tables and checks next to nothing: what tests of dmsetup
// talk to.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "dmcore/dm/dm.h"
#include "dmcore/dm/ioctl_format.h"

#include "sim/dmsetup/dmsetup.h"

namespace sim::test {

struct FakeTarget {
  std::uint64_t start;
  std::uint64_t length;
  std::string type;
  std::string params;
};

struct FakeDevice {
  std::uint32_t minor = 0;
  std::string uuid;
  std::uint32_t flags = 0;  // of dmcore::ioctl
  std::vector<FakeTarget> live;
  std::vector<FakeTarget> inactive;
  std::vector<std::uint64_t> deps;
  std::int32_t open_count = 0;
};

class FakeDmsetupSystem final : public libdm::System {
 public:
  dmcore::Status control(std::uint32_t command, std::span<std::byte> buffer) override;
  [[nodiscard]] std::uint32_t device_mapper_major() const override { return dmcore::DeviceMapper::major; }
  libdm::NodeDirectory& nodes() override { return nodes_; }
  std::optional<std::uint64_t> device_at(std::string_view path) override;
  std::optional<std::string> block_device_name(std::uint64_t device) override;
  std::optional<std::uint32_t> read_ahead(std::uint64_t) override { return 256; }
  bool set_read_ahead(std::uint64_t, std::uint32_t) override { return true; }
  std::optional<std::string> read_file(const std::string& path) override;
  void sleep_for(dmcore::Duration duration) override { slept += duration; }

  // Runs dmsetup with the words of a line, and with `input` on its standard input.
  dmsetup::Outcome run(const std::string& line, const std::string& input = "");
  // Its standard output, with "exit N" behind it if it failed.
  std::string output(const std::string& line, const std::string& input = "");

  // By the name that the kernel knows, which may be mangled.
  std::map<std::string, FakeDevice> devices;
  std::map<std::string, std::string> files;
  std::vector<dmcore::ioctl::Command> commands;  // all that came, in order
  // The next calls of a command fail with these; ok lets one through.
  std::map<dmcore::ioctl::Command, std::deque<dmcore::Errno>> failures;
  std::string message;  // the last one, behind its sector
  std::optional<std::string> message_answer;
  dmcore::Duration slept{0};

 private:
  using Header = dmcore::ioctl::IoctlHeader;
  using Reply = std::vector<std::byte>;

  dmcore::Status perform(dmcore::ioctl::Command command, Header& header, std::span<const std::byte> payload,
                         Reply& reply);
  dmcore::Status create(Header& header);
  dmcore::Status rename(const Header& header, std::span<const std::byte> payload);
  std::map<std::string, FakeDevice>::iterator find(const Header& header);
  static void describe(Header& header, const std::string& name, const FakeDevice& device);
  [[nodiscard]] Reply list() const;

  libdm::NodeDirectory nodes_;
};

}  // namespace sim::test
