// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/devices.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "sim/explore/add_once.h"
#include "sim/text/split.h"

namespace sim::explore {

namespace {

std::optional<Device> mapped_device(host::Host& host, const std::string& name) {
  const auto info = host.dm().info(name);
  auto table = host.dm().table(name);
  auto below = host.dm().deps(name);
  if (!info.ok() || !table.ok() || !below.ok() || !info->live_table || table->empty()) return std::nullopt;
  Device device{.name = name, .minor = info->minor, .read_only = info->read_only, .table = *std::move(table)};
  device.sectors = static_cast<std::uint32_t>(device.table.back().start + device.table.back().length);
  device.below = *std::move(below);
  return device;
}

bool is_ever_down(const host::Target& flakey) {
  constexpr std::size_t down = 3;  // DEVICE START UP DOWN
  const std::vector<std::string_view> words = words_of(flakey.params);
  return words.size() > down && words[down] != "0";
}

// Whether the target writes to that device, as far as is known here: a clone does not to its source.
bool may_write_to(const host::Target& target, dmcore::DevT below) {
  constexpr std::size_t written = 2;  // metadata and destination
  std::vector<std::string_view> words = words_of(target.params);
  if (target.type != "clone" || words.size() <= written) return true;
  words.resize(written);
  return contains(words, std::string_view(to_string(below)));
}

}  // namespace

Devices mapped_devices(host::Host& host) {
  const auto names = host.dm().names();
  if (!names.ok()) return {};
  Devices found;
  for (const std::string& name : *names) {
    if (auto one = mapped_device(host, name)) found.push_back(*std::move(one));
  }
  const auto uses = [](const Device& device, const Device& other) {
    return contains(device.below, other.number());
  };
  // Those that only use what is in the list already, again and again.
  Devices sorted;
  while (!found.empty()) {
    const auto next = std::find_if(found.begin(), found.end(), [&](const Device& device) {
      return std::none_of(found.begin(), found.end(),
                          [&](const Device& other) { return uses(device, other); });
    });
    const auto taken = next == found.end() ? found.begin() : next;
    for (Device& below : sorted) below.used = below.used || uses(*taken, below);
    sorted.push_back(std::move(*taken));
    found.erase(taken);
  }
  return sorted;
}

std::set<dmcore::DevT> all_below(const Devices& devices, const Device& device) {
  std::set<dmcore::DevT> all(device.below.begin(), device.below.end());
  for (const Device& other : devices) {
    if (contains(device.below, other.number())) all.merge(all_below(devices, other));
  }
  return all;
}

bool loses_writes(const host::Target& target) {
  return target.type == "zero" || (target.type == "flakey" && is_ever_down(target));
}

std::string_view target_that_loses(const Devices& devices, const Device& device) {
  for (const host::Target& target : device.table) {
    if (loses_writes(target)) return target.type;
    for (const Device& other : devices) {
      if (!contains(device.below, other.number()) || !may_write_to(target, other.number())) continue;
      if (const std::string_view type = target_that_loses(devices, other); !type.empty()) return type;
    }
  }
  return {};
}

}  // namespace sim::explore
