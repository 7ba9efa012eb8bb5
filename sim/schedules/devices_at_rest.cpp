// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/schedules/devices_at_rest.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "sim/explore/describe.h"
#include "sim/explore/devices.h"

namespace sim::schedules {

// Nothing if it cannot be read.
std::optional<std::vector<std::byte>> DevicesAtRest::read(const std::string& name) {
  auto file = reader_.open(name, false);
  if (!file.ok()) return std::nullopt;
  std::vector<std::byte> bytes(file->size());
  file->close();
  if (!reader_.read(name, 0, bytes).ok()) return std::nullopt;
  return bytes;
}

// Whether it can be read: nothing that is below it is suspended.
bool DevicesAtRest::is_awake(const explore::Devices& devices, const explore::Device& device) {
  const std::set<dmcore::DevT> below = all_below(devices, device);
  return std::none_of(devices.begin(), devices.end(), [&](const explore::Device& other) {
    if (other.name != device.name && !below.contains(other.number())) return false;
    const auto info = reader_.dm().info(other.name);
    return !info.ok() || info->suspended;
  });
}

// Whether regions of it, or of a clone below it, are being copied, as far as that makes a difference. A clone
// that has failed does not say.
bool DevicesAtRest::is_copied(const explore::Device& device) {
  if (!history_.has_discards(device.name)) return false;
  const std::set<dmcore::DevT> below = all_below(devices_, device);
  return std::any_of(devices_.begin(), devices_.end(), [&](const explore::Device& other) {
    if (other.name != device.name && !below.contains(other.number())) return false;
    const auto lines = reader_.dm().status(other.name, true);
    return lines.ok() && std::any_of(lines->begin(), lines->end(), [](const host::Target& target) {
             if (target.type != "clone") return false;
             const auto status = host::CloneStatus::parse(target.params);
             return !status || status->hydrating_regions != 0 || status->regions == 0;
           });
  });
}

// Why its reads are not judged; empty if they are.
std::string DevicesAtRest::excuse(const explore::Device& device) const {
  const std::string_view liar = target_that_loses(devices_, device);
  if (!liar.empty()) return fmt::format("it is on a target that may lose what is written, {}", liar);
  const std::set<dmcore::DevT> below = all_below(devices_, device);
  for (const explore::Device& other : devices_) {
    if (other.used || other.name == device.name) continue;
    for (const dmcore::DevT shared : all_below(devices_, other)) {
      if (below.contains(shared)) return fmt::format("{} is below {} as well", name_of(shared), other.name);
    }
  }
  return {};
}

std::string DevicesAtRest::name_of(dmcore::DevT number) const {
  for (const explore::Device& device : devices_) {
    if (device.number() == number) return device.name;
  }
  for (const auto& [name, disk] : machine_.disks()) {
    if (disk->dev() == number) return name;
  }
  return to_string(number);
}

std::set<std::string> DevicesAtRest::begin_part(std::string_view excuse_of_all) {
  explore::Devices devices = explore::mapped_devices(reader_);
  for (const explore::Device& device : devices_) {
    if (!is_the_same(devices, device.name)) history_.forget(device.name);
  }
  devices_ = std::move(devices);
  std::set<std::string> not_judged;
  for (const explore::Device& device : devices_) {
    if (device.used) continue;
    const std::string reason = excuse_of_all.empty() ? excuse(device) : std::string(excuse_of_all);
    if (!reason.empty()) {
      not_judged.insert(fmt::format("{}: {}", device.name, reason));
      history_.forget(device.name);
      continue;
    }
    if (!is_awake(devices_, device)) continue;
    const bool copied = is_copied(device);
    if (const auto bytes = read(device.name)) {
      std::set<std::string> below;
      for (const dmcore::DevT number : all_below(devices_, device)) below.insert(name_of(number));
      history_.begin(device.name, *bytes, std::move(below), copied);
    }
  }
  return not_judged;
}

// Whether it has the table that it had when the part began: with another one it is another device. One that
// was removed and created anew is to hold what it held, whatever number it has now.
bool DevicesAtRest::is_the_same(const explore::Devices& now, const std::string& name) const {
  const auto find = [&name](const explore::Devices& devices) {
    return std::find_if(devices.begin(), devices.end(),
                        [&](const explore::Device& device) { return device.name == name; });
  };
  const auto before = find(devices_);
  const auto after = find(now);
  return before != devices_.end() && after != now.end() && before->has_table_of(*after);
}

std::optional<Failure> DevicesAtRest::end_part() {
  const explore::Devices now = explore::mapped_devices(reader_);
  for (const explore::Device& device : now) {
    if (!history_.judges(device.name) || !is_the_same(now, device.name) || !is_awake(now, device)) continue;
    if (const auto bytes = read(device.name)) history_.rests(device.name, *bytes);
  }
  if (!history_.wrong() || !is_the_same(now, history_.wrong()->device)) return std::nullopt;
  const History::Wrong& wrong = *history_.wrong();
  return Failure{.oracle = Oracle::reads,
                 .device = wrong.device,
                 .sector = wrong.sector,
                 .what = fmt::format("sector {} of {} holds {}, and must hold {}", wrong.sector, wrong.device,
                                     content_names(contents_, {wrong.found}, wrong.sector),
                                     content_names(contents_, wrong.allowed, wrong.sector))};
}

}  // namespace sim::schedules
