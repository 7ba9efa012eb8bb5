// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/machine/machine.h"

#include <charconv>

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
  // Their names differ, so it cannot fail.
  for (const auto& type : dmcore::standard_target_types) dm_.register_target(type()).ignore();
  dm_.register_target(dmclone::clone_target_type(runtime_, dialect)).ignore();
  for (std::uint32_t i = 0; i < loop_nodes; ++i) block_.add_node(loop_name(i), {loop_major, i});
  block_.set_probe([this](dmcore::DevT dev) { probe(dev); });
}

// loop_probe(): whoever opens a loop device that is not there gets one without a file.
void Machine::probe(dmcore::DevT dev) {
  if (dev.major != loop_major) return;
  auto loop = std::make_unique<UnboundLoop>(block_, dev, loop_name(dev.minor));
  block_.add(*loop);
  unbound_loops_.emplace(dev.minor, std::move(loop));
}

bool Machine::loop_in_use(const std::string& name) const {
  const std::optional<std::uint32_t> loop = loop_number(name);
  const auto unbound = loop ? unbound_loops_.find(*loop) : unbound_loops_.end();
  return unbound != unbound_loops_.end() && unbound->second->open_count() != 0;
}

Machine::~Machine() {
  runtime_.kill();
}

bool Machine::may_be_disk(dmcore::DevT number) {
  return number.major != loop_major && number.major != dmcore::DeviceMapper::default_major;
}

dmcore::DevT Machine::next_local_number() {
  while (block_.find(dmcore::DevT{local_major, next_local_minor_}) != nullptr) ++next_local_minor_;
  return {local_major, next_local_minor_++};
}

VirtualDisk& Machine::add_disk(const std::string& name, std::unique_ptr<Store> store,
                               const DiskOptions& options, std::optional<dmcore::DevT> number) {
  const std::optional<std::uint32_t> loop = loop_number(name);
  dmcore::DevT dev;
  if (loop) {
    dev = {loop_major, *loop};
  } else {
    dev = number ? *number : next_local_number();
  }
  if (const auto unbound = loop ? unbound_loops_.find(*loop) : unbound_loops_.end();
      unbound != unbound_loops_.end()) {
    block_.remove(*unbound->second);
    unbound_loops_.erase(unbound);
  }
  auto disk = std::make_unique<VirtualDisk>(block_, dev, name, std::move(store), options);
  block_.add(*disk);
  return *disks_.emplace(name, std::move(disk)).first->second;
}

VirtualDisk* Machine::disk(const std::string& name) {
  const auto it = disks_.find(name);
  return it == disks_.end() ? nullptr : it->second.get();
}

std::string Machine::check_idle() const {
  if (block_.in_flight() == 0) return {};
  return "bios were lost:" + block_.describe_in_flight();
}

}  // namespace sim
