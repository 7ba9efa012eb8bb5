// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/machine/machine.h"

#include <charconv>
#include <fmt/format.h>

#include "dmcore/targets/targets.h"

#include "dmclone/clone_target.h"

namespace sim {

namespace {

// The N of "loopN".
std::optional<std::uint32_t> loop_number(std::string_view name) {
  constexpr std::string_view prefix = "loop";
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

std::string loop_name(std::uint32_t number) {
  return "loop" + std::to_string(number);
}

}  // namespace

Machine::Machine(const Schedule& schedule, const dmclone::Dialect& dialect)
    : Machine(make_strategy(schedule), dialect) {}

Machine::Machine(std::unique_ptr<Strategy> strategy, const dmclone::Dialect& dialect)
    : dialect_(dialect), runtime_(std::move(strategy)), kernel_(runtime_), block_(kernel_), dm_(block_) {
  // Cannot fail: the names differ.
  for (const auto& type : dmcore::standard_target_types) dm_.register_target(type()).ignore();
  dm_.register_target(dmclone::clone_target_type(kernel_, dialect)).ignore();
  for (std::uint32_t i = 0; i < loop_nodes; ++i) block_.add_node(loop_name(i), {loop_major, i});
  block_.set_probe([this](dmcore::DevT dev) { probe(dev); });
  runtime_.set_hang_reason([this] { return describe_silent_disks(); });
}

// loop_probe(): opening a loop device that does not exist creates it, without a backing file.
void Machine::probe(dmcore::DevT dev) {
  if (dev.major != loop_major) return;
  auto loop = std::make_unique<UnboundLoop>(block_, dev, loop_name(dev.minor));
  block_.add(*loop);
  unbound_loops_.emplace(dev.minor, std::move(loop));
}

UnboundLoop* Machine::unbound_loop(const std::string& name) const {
  const std::optional<std::uint32_t> number = loop_number(name);
  const auto loop = number ? unbound_loops_.find(*number) : unbound_loops_.end();
  return loop == unbound_loops_.end() ? nullptr : loop->second.get();
}

bool Machine::loop_in_use(const std::string& name) const {
  const UnboundLoop* loop = unbound_loop(name);
  return loop != nullptr && loop->open_count() != 0;
}

Machine::~Machine() {
  runtime_.kill();
}

bool Machine::may_be_disk(dmcore::DevT number) {
  return number.major != loop_major && number.major != dmcore::DeviceMapper::major;
}

dmcore::DevT Machine::next_local_number() {
  while (block_.find(dmcore::DevT{local_major, next_local_minor_}) != nullptr) ++next_local_minor_;
  return {local_major, next_local_minor_++};
}

VirtualDisk& Machine::add_disk(const std::string& name, std::unique_ptr<Store> store,
                               const DiskOptions& options, std::optional<dmcore::DevT> number) {
  if (UnboundLoop* loop = unbound_loop(name)) {
    block_.remove(*loop);
    block_.release(std::move(unbound_loops_.extract(loop->dev().minor).mapped()));
  }
  dmcore::DevT dev;
  if (const std::optional<std::uint32_t> loop = loop_number(name)) {
    dev = {loop_major, *loop};
  } else {
    dev = number ? *number : next_local_number();
  }
  auto disk = std::make_unique<VirtualDisk>(block_, dev, name, std::move(store), options);
  disk->set_host_errors(&host_errors_);
  if (disk_added_) disk_added_(*disk);
  block_.add(*disk);
  return *disks_.emplace(name, std::move(disk)).first->second;
}

void Machine::add_device(std::unique_ptr<dmcore::BlockDevice> device) {
  block_.add(*device);
  devices_.push_back(std::move(device));
}

VirtualDisk* Machine::disk(const std::string& name) {
  const auto it = disks_.find(name);
  return it == disks_.end() ? nullptr : it->second.get();
}

std::string Machine::describe_silent_disks() const {
  std::string text;
  for (const auto& [name, disk] : disks_) {
    if (!disk->holds_back()) continue;
    text += fmt::format("{}the disk {} is silent, with {} in flight", text.empty() ? "" : "; ", name,
                        disk->in_flight() == 1 ? "a request" : fmt::format("{} requests", disk->in_flight()));
  }
  return text;
}

std::string Machine::check_idle() const {
  if (block_.in_flight() == 0 || !describe_silent_disks().empty()) return {};
  return "bios were lost:" + block_.describe_in_flight();
}

}  // namespace sim
