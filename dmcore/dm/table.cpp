// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/dm/table.h"

#include <algorithm>
#include <limits>

#include "dmcore/dm/dm.h"

namespace dmcore {

namespace {

// The size in bytes must fit in a loff_t.
constexpr sector_t max_end = static_cast<sector_t>(std::numeric_limits<std::int64_t>::max()) >> sector_shift;

}  // namespace

Table::Table(MappedDevice& md, OpenMode mode)
    : md_(md), mode_(mode), devices_lock_(md.kernel().runtime(), "table devices_lock") {}

Table::~Table() = default;

DeviceMapper& Table::device_mapper() const {
  return md_.device_mapper();
}

Kernel& Table::kernel() const {
  return md_.kernel();
}

const std::string& Table::device_name() const {
  return md_.device_name();
}

Status Table::add_target(std::string_view type_name, sector_t start, sector_t len, std::string_view params) {
  if (singleton_) {
    return log().fail(Errno::inval, table_log_prefix, "{}: target type {} must appear alone in table",
                      device_name(), targets_.front()->type->name);
  }
  if (len == 0) {
    return log().fail(Errno::inval, table_log_prefix, "{}: zero-length target", device_name());
  }
  if (start + len < start || start + len > max_end) {
    return log().fail(Errno::inval, table_log_prefix, "{}: too large device", device_name());
  }
  const TargetType* type = device_mapper().find_target_type(type_name);
  if (type == nullptr) {
    return log().fail(Errno::inval, table_log_prefix, "{}: {}: unknown target type", device_name(),
                      type_name);
  }

  std::unique_ptr<Target> target = type->make(*this, start, len);
  target->type = type;
  if (const Status status = construct_target(*type, *target, params); !status.ok()) {
    log().err(table_log_prefix, "{}: {}: {} (-{})", device_name(), type_name, target->error,
              errno_name(status.error()));
    return status;
  }
  if (target->num_discard_bios == 0 && target->discards_supported) {
    log().warn(table_log_prefix, "{}: {}: ignoring discards_supported because num_discard_bios is zero.",
               device_name(), type_name);
  }
  targets_.push_back(std::move(target));
  ends_.push_back(start + len);
  return {};
}

Status Table::construct_target(const TargetType& type, Target& target, std::string_view params) {
  DMCORE_TRY(check_type(type, target.error));
  if (target.begin() != size()) {
    target.error = "Gap in table";
    return Errno::inval;
  }
  const std::vector<std::string> args = split_args(params);
  return target.ctr(args);
}

// Checks the features of the type against the other targets of the table. `error` is for the log line.
Status Table::check_type(const TargetType& type, std::string& error) {
  const auto has = [&type](TargetType::Feature feature) { return (type.features & feature) != 0; };
  if (has(TargetType::singleton)) {
    if (!targets_.empty()) {
      error = "singleton target type must appear alone in table";
      return Errno::inval;
    }
    singleton_ = true;
  }
  if (has(TargetType::always_writeable) && !mode_.write) {
    error = "target type may not be included in a read-only table";
    return Errno::inval;
  }
  const bool mixed =
      immutable_type_ != nullptr ? immutable_type_ != &type : has(TargetType::immutable) && !targets_.empty();
  if (mixed) {
    error = "immutable target type cannot be mixed with other target types";
    return Errno::inval;
  }
  if (has(TargetType::immutable)) immutable_type_ = &type;
  return {};
}

// The kernel determines the type of the queue, builds a B-tree of the targets, and allocates memory pools.
// Here all devices are bio-based, targets are in a sorted array, and the mapped device has the pools.
Status Table::complete() {
  targets_.shrink_to_fit();
  ends_.shrink_to_fit();
  return {};
}

void Table::check_that_none_uses_it(std::int64_t users, std::string_view what_is_done) const {
  const order::Unchecked not_in_the_kernel("a check of the machine's");
  if (users == 0) return;
  kernel().runtime().violation(
      fmt::format("a table of {} is {} while it is used", device_name(), what_is_done));
}

void Table::destroy() {
  check_that_none_uses_it(users_ + bios_, "destroyed");
  for (const std::unique_ptr<Target>& target : targets_) target->dtr();
  targets_.clear();
  ends_.clear();
  for (const UsedDevice& used : devices_) {
    log().warn(table_log_prefix, "{}: dm_table_destroy: dm_put_device call missing for {}", device_name(),
               used.device->name);
    md_.put_table_device(used.device);
    for (TableDevice* device : used.superseded) md_.put_table_device(device);
  }
  devices_.clear();
}

Target* Table::find_target(sector_t sector) const {
  if (sector >= size()) return nullptr;
  if (ends_.size() == 1) return targets_.front().get();
  const auto after = std::upper_bound(ends_.begin(), ends_.end(), sector);
  return targets_[static_cast<std::size_t>(after - ends_.begin())].get();
}

bool Table::has_wildcard_target() const {
  return std::any_of(targets_.begin(), targets_.end(), [](const std::unique_ptr<Target>& target) {
    return (target->type->features & TargetType::wildcard) != 0;
  });
}

void Table::event() {
  MutexGuard guard(device_mapper().event_lock());
  if (events_enabled_) md_.event();
}

void Table::set_events_enabled(bool enabled) {
  MutexGuard guard(device_mapper().event_lock());
  events_enabled_ = enabled;
}

void Table::presuspend_targets() {
  for (const std::unique_ptr<Target>& target : targets_) target->presuspend();
}

void Table::postsuspend_targets() {
  check_that_none_uses_it(bios_, "suspended");
  for (const std::unique_ptr<Target>& target : targets_) target->postsuspend();
}

Status Table::resume_targets() {
  for (const std::unique_ptr<Target>& target : targets_) {
    if (const Status status = target->preresume(); !status.ok()) {
      log().err(table_log_prefix, "{}: {}: preresume failed, error = {}", device_name(), target->type->name,
                errno_value(status.error()));
      return status;
    }
  }
  for (const std::unique_ptr<Target>& target : targets_) target->resume();
  return {};
}

}  // namespace dmcore
