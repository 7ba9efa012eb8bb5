// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/suite/clone_stack.h"

#include <fmt/format.h>

namespace suite {

sim::host::Table linear_table(sector_t size, const std::string& path, sector_t offset) {
  return {test::linear_target(size, path, offset)};
}

sim::host::Table CloneStack::table() const {
  test::CloneShape shape = {.sectors = options_.size,
                            .region_sectors = options_.region_size,
                            .features = {},
                            .core_arguments = options_.core_args};
  if (!options_.discard_passdown) shape.features.emplace_back("no_discard_passdown");
  if (!options_.hydration) shape.features.emplace_back("no_hydration");
  return {test::clone_target(shape, metadata_, destination_, source_)};
}

// A device that is gone at once would not see a single tick of its own timers.
void CloneStack::at_least_a_second(const Body& body) {
  constexpr dmcore::Duration least = std::chrono::seconds(1);
  const dmcore::Duration taken = rig_.time_of(body);
  if (taken < least) rig_.sleep(least - taken);
}

void CloneStack::activate_support_devs(const Body& body) {
  const sim::host::Table metadata = linear_table(options_.metadata_size, Rig::fast_path, 0);
  const sim::host::Table destination = linear_table(options_.size, Rig::fast_path, options_.metadata_size);
  const sim::host::Table source = linear_table(options_.size, Rig::slow_path, 0);
  rig_.with_device(metadata, [&](const std::string& metadata_name) {
    rig_.with_device(destination, [&](const std::string& destination_name) {
      rig_.with_device(source, [&](const std::string& source_name) {
        metadata_ = Rig::path_of(metadata_name);
        destination_ = Rig::path_of(destination_name);
        source_ = Rig::path_of(source_name);
        if (options_.format) rig_.zero(metadata_, kib(4));
        at_least_a_second(body);
      });
    });
  });
}

void CloneStack::activate_top_level(const Body& body) {
  rig_.with_device(table(), [&](const std::string& name) {
    clone_name_ = name;
    clone_ = Rig::path_of(name);
    at_least_a_second(body);
  });
}

void CloneStack::activate(const Body& body) {
  activate_support_devs([&] { activate_top_level(body); });
}

void CloneStack::message(const std::string& words) {
  test::checked(rig_.host().dm().message(clone_name_, 0, words), "message " + words);
}

void CloneStack::set_hydration_threshold(std::uint64_t regions) {
  message(fmt::format("hydration_threshold {}", regions));
}

void CloneStack::set_hydration_batch_size(std::uint64_t regions) {
  message(fmt::format("hydration_batch_size {}", regions));
}

sim::host::CloneStatus CloneStack::status() {
  return test::checked(rig_.host().dm().clone_status(clone_name_), "status of " + clone_name_);
}

void CloneStack::wait_until_hydrated() {
  for (;;) {
    // Asked for before the status, so that no event between the two is missed.
    const sim::host::Info seen = test::checked(rig_.host().dm().info(clone_name_), "info of " + clone_name_);
    const sim::host::CloneStatus now = status();
    if (now.hydrated_regions == now.regions) return;
    test::checked(rig_.host().dm().wait(clone_name_, seen.event_nr), "wait for " + clone_name_);
  }
}

}  // namespace suite
