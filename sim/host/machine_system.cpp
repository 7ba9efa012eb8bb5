// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/host/machine_system.h"

#include <filesystem>
#include <fmt/core.h>
#include <fstream>
#include <iterator>
#include <utility>

#include "dmcore/block/sysfs.h"
#include "dmcore/dm/ioctl_format.h"

#include "sim/host/host.h"

namespace sim::host {
namespace {

dmcore::DevT decode(std::uint64_t device) {
  return {dmcore::ioctl::device_major(device), dmcore::ioctl::device_minor(device)};
}

}  // namespace

MachineSystem::MachineSystem(Host& host, std::string directory)
    : host_(host),
      directory_(std::move(directory)),
      // The kernel finds the devices of tables by these nodes, too.
      nodes_([&machine = host.machine()](std::string_view name, std::optional<std::uint64_t> device) {
        std::string path = fmt::format("mapper/{}", name);
        if (device) {
          machine.block().add_node(std::move(path), decode(*device));
        } else {
          machine.block().remove_node(path);
        }
      }) {}

dmcore::Status MachineSystem::control(std::uint32_t command, std::span<std::byte> buffer) {
  const dmcore::Status status = host_.machine().dm().control(command, buffer);
  host_.between_calls();
  return status;
}

dmcore::BlockDevice* MachineSystem::find(std::uint64_t device) const {
  return host_.machine().block().find(decode(device));
}

std::optional<std::uint64_t> MachineSystem::device_at(std::string_view path) {
  const auto dev = host_.machine().block().lookup_path(path);
  if (!dev.ok()) return std::nullopt;
  return dmcore::ioctl::encode_device(dev->major, dev->minor);
}

std::optional<std::string> MachineSystem::block_device_name(std::uint64_t device) {
  const dmcore::BlockDevice* found = find(device);
  if (found == nullptr) return std::nullopt;
  return found->name();
}

std::optional<std::uint32_t> MachineSystem::read_ahead(std::uint64_t device) {
  const dmcore::BlockDevice* found = find(device);
  if (found == nullptr) return std::nullopt;
  return dmcore::read_ahead(*found);
}

bool MachineSystem::set_read_ahead(std::uint64_t device, std::uint32_t sectors) {
  dmcore::BlockDevice* found = find(device);
  if (found == nullptr) return false;
  found->read_ahead = sectors;
  return true;
}

std::optional<std::string> MachineSystem::read_file(const std::string& path) {
  std::ifstream file(std::filesystem::path(directory_) / path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void MachineSystem::sleep_for(dmcore::Duration duration) {
  host_.machine().runtime().sleep_for(duration);
}

}  // namespace sim::host
