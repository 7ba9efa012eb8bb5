// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/dm/dm.h"

#include <algorithm>

#include "dmcore/dm/control.h"

namespace dmcore {

DeviceMapper::DeviceMapper(BlockLayer& layer)
    : layer_(layer),
      event_lock_(layer.runtime(), "dm event_lock"),
      global_event_nr_(layer.runtime(), 0),
      global_event_queue_(layer.runtime(), "dm_global_eventq"),
      devices_(*this) {}

DeviceMapper::~DeviceMapper() = default;

Status DeviceMapper::register_target(TargetType type) {
  if (find_target_type(type.name) != nullptr) return Errno::exist;
  target_types_.push_front(std::move(type));
  return {};
}

const TargetType* DeviceMapper::find_target_type(std::string_view name) const {
  const auto type = std::find_if(target_types_.begin(), target_types_.end(),
                                 [&](const TargetType& candidate) { return candidate.name == name; });
  return type == target_types_.end() ? nullptr : &*type;
}

Status DeviceMapper::control(std::uint32_t command, std::span<std::byte> buffer) {
  return run_control_command(*this, command, buffer);
}

void DeviceMapper::issue_global_event() {
  global_event_nr_.inc();
  global_event_queue_.wake_all();
}

}  // namespace dmcore
