// SPDX-License-Identifier: GPL-2.0-or-later
// The limits and features of a mapped device, from those of its devices.
#include "dmcore/dm/dm.h"
#include "dmcore/dm/table.h"

namespace dmcore {

namespace {

sector_t logical_block_sectors(const QueueLimits& limits) {
  // An unsigned short in the kernel.
  return static_cast<std::uint16_t>(limits.logical_block_size >> sector_shift);
}

}  // namespace

// dm_set_device_limits(). A wrong alignment is only a warning.
bool Table::stack_device(QueueLimits& limits, const TableDevice& device, sector_t start) {
  const QueueLimits& below = device.device->limits;
  const bool fits = stack_limits(limits, below, start);
  if (!fits) {
    log().warn(table_log_prefix,
               "{}: adding target device {} caused an alignment inconsistency: "
               "physical_block_size={}, logical_block_size={}, alignment_offset={}, start={}",
               device_name(), device.device->name(), below.physical_block_size, below.logical_block_size,
               below.alignment_offset, to_bytes(start));
  }
  return fits;
}

// device_area_is_invalid(). A device without a size is accepted.
bool Table::area_is_invalid(const QueueLimits& limits, const TableDevice& device, sector_t start,
                            sector_t len) const {
  const std::string& name = device.device->name();
  const sector_t device_size = device.device->nr_sectors();
  if (device_size == 0) return false;
  if (start >= device_size || start + len > device_size) {
    log().err(table_log_prefix, "{}: {} too small for target: start={}, len={}, dev_size={}", device_name(),
              name, start, len, device_size);
    return true;
  }
  const sector_t block = logical_block_sectors(limits);
  if (block <= 1) return false;
  if ((start & (block - 1)) != 0) {
    log().err(table_log_prefix, "{}: start={} not aligned to h/w logical block size {} of {}", device_name(),
              start, limits.logical_block_size, name);
    return true;
  }
  if ((len & (block - 1)) != 0) {
    log().err(table_log_prefix, "{}: len={} not aligned to h/w logical block size {} of {}", device_name(),
              len, limits.logical_block_size, name);
    return true;
  }
  return false;
}

Result<QueueLimits> Table::calculate_limits() {
  QueueLimits limits = QueueLimits::stacking();
  for (const std::unique_ptr<Target>& target : targets_) {
    QueueLimits own = QueueLimits::stacking();
    if (target->has_iterate_devices()) {
      target->iterate_devices([&](const TableDevice& device, sector_t start, sector_t) {
        stack_device(own, device, start);
        return false;
      });
      if (target->type->has_io_hints) target->io_hints(own);
      const bool invalid =
          target->iterate_devices([&](const TableDevice& device, sector_t start, sector_t len) {
            return area_is_invalid(own, device, start, len);
          });
      if (invalid) return Errno::inval;
    }
    if (!stack_limits(limits, own, 0)) {
      log().warn(table_log_prefix,
                 "{}: adding target device (start sect {} len {}) caused an alignment inconsistency",
                 device_name(), target->begin(), target->len());
    }
  }
  DMCORE_TRY(check_logical_blocks(limits));
  return limits;
}

// validate_hardware_logical_block_alignment(): a block of the mapped device may span several targets; the
// part of each must be a multiple of that target's block size.
Status Table::check_logical_blocks(const QueueLimits& limits) {
  const sector_t block = logical_block_sectors(limits);
  sector_t next_start = 0;  // of the next target, modulo the block size
  sector_t remaining = 0;   // of the last block of the previous target
  std::size_t line = 0;
  for (; line < targets_.size(); ++line) {
    Target& target = *targets_[line];
    QueueLimits own = QueueLimits::stacking();
    if (target.has_iterate_devices()) {
      target.iterate_devices([&](const TableDevice& device, sector_t start, sector_t) {
        stack_device(own, device, start);
        return false;
      });
    }
    if (remaining < target.len() && (remaining & ((own.logical_block_size >> sector_shift) - 1)) != 0) break;
    next_start = (next_start + target.len()) & (block - 1);
    remaining = next_start != 0 ? block - next_start : 0;
  }
  if (remaining == 0) return {};
  // If the loop found no target, the table ends within a block: the line shown is the last one, with a number
  // that is one too large, as in the kernel.
  const Target& target = *targets_[std::min(line, targets_.size() - 1)];
  return log().fail(Errno::inval, table_log_prefix,
                    "{}: table line {} (start sect {} len {}) not aligned to h/w logical block size {}",
                    device_name(), line, target.begin(), target.len(), limits.logical_block_size);
}

// Whether the target has iterate_devices() and all devices satisfy the predicate.
template <class Predicate>
bool Table::all_devices(Target& target, Predicate predicate) const {
  if (!target.has_iterate_devices()) return false;
  return !target.iterate_devices(
      [&](const TableDevice& device, sector_t, sector_t) { return !predicate(*device.device); });
}

// dm_table_supports_flush(): one device is enough; flushes of the others complete at once.
template <class Predicate>
bool Table::supports_flush(Predicate predicate) const {
  for (const std::unique_ptr<Target>& target : targets_) {
    if (target->num_flush_bios == 0) continue;
    if (target->flush_supported) return true;
    const auto visit = [&](const TableDevice& device, sector_t, sector_t) {
      return predicate(*device.device);
    };
    if (target->has_iterate_devices() && target->iterate_devices(visit)) return true;
  }
  return false;
}

// Whether all targets want bios of some kind, and all devices support them.
template <class Count, class Capable>
bool Table::supports(Count bios_wanted, Capable capable) const {
  for (const std::unique_ptr<Target>& target : targets_) {
    if (bios_wanted(*target) == 0 || !all_devices(*target, capable)) return false;
  }
  return true;
}

bool Table::supports_discards() const {
  const auto capable = [](const BlockDevice& device) { return device.limits.max_discard_sectors != 0; };
  for (const std::unique_ptr<Target>& target : targets_) {
    if (target->num_discard_bios == 0) return false;
    if (!target->discards_supported && !all_devices(*target, capable)) return false;
  }
  return true;
}

bool Table::supports_nowait() const {
  return supports([](const Target& target) { return target.type->features & TargetType::nowait; },
                  [](const BlockDevice& device) { return device.nowait; });
}

bool Table::has_no_data_devices() const {
  for (const std::unique_ptr<Target>& target : targets_) {
    if (!target->has_iterate_devices()) return false;
    if (target->iterate_devices([](const TableDevice&, sector_t, sector_t) { return true; })) return false;
  }
  return true;
}

void Table::set_restrictions(const QueueLimits& limits) {
  QueueLimits& own = md_.limits;
  md_.set_limits(limits);
  md_.read_ahead.reset();
  md_.nowait = supports_nowait();
  if (!supports_discards()) {
    md_.about_to_change_limits();
    own.max_discard_sectors = 0;
    own.max_hw_discard_sectors = 0;
    own.discard_granularity = 0;
    own.discard_alignment = 0;
    own.discard_misaligned = false;
  }
  const auto secure_erase_bios = [](const Target& target) { return target.num_secure_erase_bios; };
  if (!supports(secure_erase_bios,
                [](const BlockDevice& device) { return device.limits.max_secure_erase_sectors != 0; })) {
    md_.about_to_change_limits();
    own.max_secure_erase_sectors = 0;
  }
  md_.write_cache = supports_flush([](const BlockDevice& device) { return device.write_cache; });
  md_.fua = md_.write_cache && supports_flush([](const BlockDevice& device) { return device.fua; });
  const auto write_zeroes_bios = [](const Target& target) { return target.num_write_zeroes_bios; };
  if (!supports(write_zeroes_bios,
                [](const BlockDevice& device) { return device.limits.max_write_zeroes_sectors != 0; })) {
    md_.about_to_change_limits();
    own.max_write_zeroes_sectors = 0;
  }
}

}  // namespace dmcore
