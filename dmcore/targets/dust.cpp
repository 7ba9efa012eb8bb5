// SPDX-License-Identifier: GPL-2.0-or-later
// dust DEVICE START BLOCK_SIZE: a linear mapping that simulates medium errors: reads of bad blocks fail until
// they are written (drivers/md/dm-dust.c). Messages add and remove bad blocks, and enable the failures.
#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <map>

#include "dmcore/dm/table.h"
#include "dmcore/kernel/lock.h"
#include "dmcore/targets/targets.h"

namespace dmcore {

namespace {

constexpr const char* log_prefix = "dust";
constexpr std::uint32_t block_size_min = 512;    // bytes
constexpr sector_t block_sectors_max = 2097152;  // 1 GiB

class DustTarget final : public Target {
 public:
  DustTarget(Table& table, sector_t begin, sector_t len)
      : Target(table, begin, len), lock_(runtime(), "dust") {}

  Status ctr(std::span<const std::string> argv) override;
  void dtr() override { put_device(device_); }
  MapResult map(Bio& bio) override;
  std::string status(StatusType type, bool noflush) override;
  Status message(std::span<const std::string> argv, std::string& result) override;
  bool iterate_devices(const DeviceVisitor& visit) override { return visit(*device_, start_, len()); }
  [[nodiscard]] bool has_iterate_devices() const override { return true; }

 private:
  MapResult map_read(std::uint64_t block);
  MapResult map_write(std::uint64_t block);

  Status message_without_block(const std::string& command, std::string& result);
  Status message_about_block(const std::string& command, std::uint64_t block, std::string& result);
  Status check_block(std::uint64_t block) const;
  Status unrecognized(const std::string& command) const;

  Status add_block(std::uint64_t block, std::uint8_t failing_writes);
  Status remove_block(std::uint64_t block);
  std::string query_block(std::uint64_t block);
  std::string count_blocks();
  std::string clear_blocks();
  std::string list_blocks();

  TableDevice* device_ = nullptr;
  sector_t start_ = 0;
  std::uint32_t block_size_ = 0;     // bytes
  std::uint32_t block_sectors_ = 0;  // a power of two
  bool enabled_ = false;             // bad blocks fail
  bool quiet_ = false;

  SpinLock lock_;  // protects the bad blocks
  // Block numbers on the device, and how many more writes of each fail.
  std::map<std::uint64_t, std::uint8_t> bad_blocks_;
};

Status DustTarget::ctr(std::span<const std::string> argv) {
  if (argv.size() != 3) return fail("Invalid argument count");
  const auto block_size = parse_u32(argv[2]);
  if (!block_size.ok() || *block_size == 0) return fail("Invalid block size parameter");
  if (*block_size < block_size_min) return fail("Block size must be at least 512");
  if (!is_power_of_2(*block_size)) return fail("Block size must be a power of 2");
  if (to_sectors(*block_size) > std::min(len(), block_sectors_max)) return fail("Block size is too large");
  const auto start = scan_u64(argv[1]);
  if (!start) return fail("Invalid device offset sector");
  const auto device = get_device(argv[0], table().mode());
  if (!device.ok()) return fail("Device lookup failed");
  device_ = *device;
  start_ = *start;
  block_size_ = *block_size;
  block_sectors_ = static_cast<std::uint32_t>(to_sectors(*block_size));

  num_discard_bios = 1;
  num_flush_bios = 1;
  return set_max_io_len(block_sectors_);
}

MapResult DustTarget::map(Bio& bio) {
  bio.device = device_->device;
  bio.sector = start_ + target_sector(bio.sector);
  if (!enabled_) return MapResult::remapped;
  const std::uint64_t block = bio.sector / block_sectors_;
  return bio.is_write() ? map_write(block) : map_read(block);
}

MapResult DustTarget::map_read(std::uint64_t block) {
  const IrqSpinGuard guard(lock_);
  return bad_blocks_.contains(block) ? MapResult::kill : MapResult::remapped;
}

MapResult DustTarget::map_write(std::uint64_t block) {
  const IrqSpinGuard guard(lock_);
  const auto it = bad_blocks_.find(block);
  if (it == bad_blocks_.end()) return MapResult::remapped;
  if (it->second > 0) {
    --it->second;
    return MapResult::kill;
  }
  bad_blocks_.erase(it);
  // As in the kernel, which divides the block number once more.
  if (!quiet_) log().info(log_prefix, "block {} removed from badblocklist by write", block / block_sectors_);
  return MapResult::remapped;
}

std::string DustTarget::status(StatusType type_of_status, bool /*noflush*/) {
  switch (type_of_status) {
    case StatusType::info:
      return fmt::format("{} {} {}", device_->name, enabled_ ? "fail_read_on_bad_block" : "bypass",
                         quiet_ ? "quiet" : "verbose");
    case StatusType::table:
      return fmt::format("{} {} {}", device_->name, start_, block_size_);
    case StatusType::ima:
      return {};
  }
  return {};
}

Status DustTarget::message(std::span<const std::string> argv, std::string& result) {
  if (argv.size() == 1) return message_without_block(argv[0], result);
  if (argv.size() != 2 && argv.size() != 3) {
    return log().fail(Errno::inval, log_prefix, "invalid number of arguments '{}'", argv.size());
  }
  const auto block = scan_u64(argv[1]);
  if (!block) return Errno::inval;
  if (argv.size() == 2) {
    DMCORE_TRY(check_block(*block));
    return message_about_block(argv[0], *block, result);
  }
  const auto failing_writes = scan_u32(argv[2]);
  if (!failing_writes) return Errno::inval;
  if (*failing_writes > 255) {
    return log().fail(Errno::inval, log_prefix, "selected write fail count out of range");
  }
  DMCORE_TRY(check_block(*block));
  if (!equal_ignoring_case(argv[0], "addbadblock")) return unrecognized(argv[0]);
  return add_block(*block, static_cast<std::uint8_t>(*failing_writes));
}

Status DustTarget::message_without_block(const std::string& command, std::string& result) {
  const auto is = [&](std::string_view name) { return equal_ignoring_case(command, name); };
  if (is("addbadblock") || is("removebadblock") || is("queryblock")) {
    return log().fail(Errno::inval, log_prefix, "{} requires an additional argument", command);
  }
  if (is("disable") || is("enable")) {
    enabled_ = is("enable");
    log().info(log_prefix, "{} read failures on bad sectors", enabled_ ? "enabling" : "disabling");
  } else if (is("countbadblocks")) {
    result = count_blocks();
  } else if (is("clearbadblocks")) {
    result = clear_blocks();
  } else if (is("quiet")) {
    quiet_ = !quiet_;
  } else if (is("listbadblocks")) {
    result = list_blocks();
  } else {
    return unrecognized(command);
  }
  return {};
}

Status DustTarget::message_about_block(const std::string& command, std::uint64_t block, std::string& result) {
  if (equal_ignoring_case(command, "addbadblock")) return add_block(block, 0);
  if (equal_ignoring_case(command, "removebadblock")) return remove_block(block);
  if (!equal_ignoring_case(command, "queryblock")) return unrecognized(command);
  result = query_block(block);
  return {};
}

// As in the kernel, the block at the end of the device is accepted.
Status DustTarget::check_block(std::uint64_t block) const {
  if (block <= device_->device->nr_sectors() / block_sectors_) return {};
  return log().fail(Errno::inval, log_prefix, "selected block value out of range");
}

Status DustTarget::unrecognized(const std::string& command) const {
  return log().fail(Errno::inval, log_prefix, "unrecognized message '{}' received", command);
}

Status DustTarget::add_block(std::uint64_t block, std::uint8_t failing_writes) {
  const IrqSpinGuard guard(lock_);
  if (!bad_blocks_.emplace(block, failing_writes).second) {
    if (!quiet_) log().err(log_prefix, "dust_add_block: block {} already in badblocklist", block);
    return Errno::inval;
  }
  if (!quiet_) {
    log().info(log_prefix, "dust_add_block: badblock added at block {} with write fail count {}", block,
               failing_writes);
  }
  return {};
}

Status DustTarget::remove_block(std::uint64_t block) {
  const IrqSpinGuard guard(lock_);
  if (bad_blocks_.erase(block) == 0) {
    if (!quiet_) log().err(log_prefix, "dust_remove_block: block {} not found in badblocklist", block);
    return Errno::inval;
  }
  if (!quiet_) log().info(log_prefix, "dust_remove_block: badblock removed at block {}", block);
  return {};
}

std::string DustTarget::query_block(std::uint64_t block) {
  const IrqSpinGuard guard(lock_);
  return fmt::format("dust_query_block: block {} {}found in badblocklist", block,
                     bad_blocks_.contains(block) ? "" : "not ");
}

std::string DustTarget::count_blocks() {
  const IrqSpinGuard guard(lock_);
  return fmt::format("countbadblocks: {} badblock(s) found", bad_blocks_.size());
}

std::string DustTarget::clear_blocks() {
  std::map<std::uint64_t, std::uint8_t> cleared;
  {
    const IrqSpinGuard guard(lock_);
    cleared.swap(bad_blocks_);
  }
  return cleared.empty() ? "dust_clear_badblocks: no badblocks found"
                         : "dust_clear_badblocks: badblocks cleared";
}

std::string DustTarget::list_blocks() {
  const IrqSpinGuard guard(lock_);
  if (bad_blocks_.empty()) return "No blocks in badblocklist";
  std::string text;
  for (const auto& [block, failing_writes] : bad_blocks_) text += fmt::format("{}\n", block);
  return text;
}

TargetArguments dust_arguments() {
  return {.summary = "a device with bad blocks",
          .parts = {data_device_argument(), start_argument(),
                    Argument{.name = "block size",
                             .meaning = "messages make blocks of this size bad, and good again",
                             .format = NumberFormat::parsed,
                             .unit = Argument::Unit::bytes,
                             .min = block_size_min,
                             .max = to_bytes(block_sectors_max),
                             .power_of_two = true}}};
}

}  // namespace

TargetType dust_target_type() {
  TargetType type;
  type.name = "dust";
  type.version = {1, 0, 0};
  type.has_message = true;
  type.arguments = dust_arguments;
  type.make = [](Table& table, sector_t begin, sector_t len) {
    return std::make_unique<DustTarget>(table, begin, len);
  };
  return type;
}

}  // namespace dmcore
