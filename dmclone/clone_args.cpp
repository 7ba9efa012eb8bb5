// SPDX-License-Identifier: GPL-2.0-or-later
// The constructor: clone <metadata dev> <destination dev> <source dev> <region size>
//                        [<#feature args> <feature>* [<#core args> <key> <value>*]]
// The keys, and their units, depend on the dialect. clone_arguments.cpp declares the same.
#include <bit>
#include <fmt/format.h>

#include "dmcore/persistent/buffer_memory.h"

#include "dmclone/clone_arguments.h"
#include "dmclone/clone_target.h"

namespace dmclone {

using dmcore::ArgSet;
using dmcore::Defect;
using dmcore::OpenMode;
using dmcore::Status;

namespace {

constexpr std::size_t min_hydrations = 256;  // MIN_HYDRATIONS

}  // namespace

CloneTarget::CloneTarget(dmcore::Table& table, dmcore::sector_t begin, dmcore::sector_t len,
                         std::shared_ptr<dmcore::KcopydThrottle> throttle, const Dialect& dialect)
    : Target(table, begin, len),
      dialect_(dialect),
      commit_lock_(runtime(), "clone commit"),
      hydration_pool_(runtime(), "dm_clone_region_hydration", min_hydrations),
      ios_in_flight_(runtime(), 0),
      hydrations_in_flight_(runtime(), 0),
      hydration_stopped_(runtime(), "hydrations to stop", dmcore::WaitQueue::Orders::wait_first),
      lock_(runtime(), "clone deferred bios"),
      hydration_threshold_(runtime(), dialect.default_threshold),
      hydration_batch_size_(runtime(), default_hydration_batch_size),
      throttle_(std::move(throttle)),
      mode_(runtime(), MetadataMode::write),
      flags_(runtime()) {}

Status CloneTarget::ctr(std::span<const std::string> argv) {
  constexpr std::size_t devices = 3;
  constexpr std::size_t required = devices + 1;
  if (argv.size() < required) return fail("Invalid number of arguments");

  flags_.set(CloneFlag::hydration_enabled);
  flags_.set(CloneFlag::hydration_suspended);
  flags_.set(CloneFlag::discard_passdown);

  ArgSet args(argv);
  const auto read_arguments = [&]() -> Status {
    DMCORE_TRY(open_devices(args));
    DMCORE_TRY(read_region_size(args));
    DMCORE_TRY(count_regions());
    DMCORE_TRY(set_max_io_len(region_size_));
    DMCORE_TRY(read_features(args));
    DMCORE_TRY(read_core_args(args));
    return open_metadata();
  };
  if (const Status status = read_arguments(); !status.ok()) {
    put_devices();
    return status;
  }

  set_mode(MetadataMode::write);
  last_commit_jiffies_ = runtime().jiffies();
  hydrations_ = std::make_unique<HydrationTable>(runtime());
  work_queue_ = std::make_unique<dmcore::WorkQueue>(runtime(), "dm-clone");
  worker_ = std::make_unique<dmcore::WorkItem>(runtime(), "clone worker", [this] { do_work(); });
  waker_ = std::make_unique<dmcore::DelayedWork>(runtime(), "clone waker", [this] { do_waker(); });
  kcopyd_ = std::make_unique<dmcore::KcopydClient>(destination_->device->layer(), throttle_.get());
  table_args_.assign(argv.begin() + devices, argv.end());

  num_flush_bios = 1;
  flush_supported = true;
  num_discard_bios = 1;
  discards_supported = true;
  has_end_io = true;
  return {};
}

void CloneTarget::dtr() {
  kcopyd_->destroy();
  if (!has(Defect::waker_not_cancelled) && !has(Defect::waker_rearmed))
    work_queue_->cancel_delayed_sync(*waker_);
  work_queue_->destroy();
  metadata_->close();
  put_devices();
}

Status CloneTarget::open_devices(ArgSet& args) {
  const OpenMode read_write{.read = true, .write = true};
  const OpenMode read_only{.read = true, .write = false};

  auto metadata = get_device(*args.shift(), read_write);
  if (!metadata.ok()) return fail("Error opening metadata device", metadata.error());
  metadata_device_ = *metadata;
  if (metadata_device_->device->nr_sectors() > metadata_max_sectors_warning) {
    log().warn(log_prefix, "Metadata device {} is larger than {} sectors: excess space will not be used.",
               metadata_device_->device->name(), metadata_max_sectors);
  }

  auto destination = get_device(*args.shift(), read_write);
  if (!destination.ok())
    return fail(fmt::format("Error opening {} device", dialect_.destination), destination.error());
  destination_ = *destination;
  if (destination_->device->nr_sectors() < len())
    return fail(fmt::format("Device size larger than {} device", dialect_.destination));

  auto source = get_device(*args.shift(), read_only);
  if (!source.ok()) return fail(fmt::format("Error opening {} device", dialect_.source), source.error());
  source_ = *source;
  if (source_->device->nr_sectors() < len())
    return fail(fmt::format("Device size larger than {} device", dialect_.source));
  return {};
}

void CloneTarget::put_devices() {
  for (dmcore::TableDevice** device : {&source_, &destination_, &metadata_device_}) {
    if (*device != nullptr) put_device(*device);
    *device = nullptr;
  }
}

Status CloneTarget::read_region_size(ArgSet& args) {
  DMCORE_TRY_ASSIGN(const unsigned size,
                    read_arg({min_region_size, max_region_size, "Invalid region size"}, args, error));
  if (!dmcore::is_power_of_2(size)) return fail("Region size is not a power of 2");
  for (const dmcore::TableDevice* device : {source_, destination_}) {
    const unsigned block_sectors = device->device->limits.logical_block_size >> dmcore::sector_shift;
    if (size % block_sectors != 0) return fail("Region size is not a multiple of device logical block size");
  }
  region_size_ = size;
  region_shift_ = static_cast<unsigned>(std::countr_zero(size));
  return {};
}

Status CloneTarget::count_regions() {
  nr_regions_ = dmcore::div_round_up(len(), region_size_);
  if (nr_regions_ > max_regions) return fail("Too many regions. Consider increasing the region size");
  return {};
}

Status CloneTarget::read_features(ArgSet& args) {
  if (args.empty()) return {};
  DMCORE_TRY_ASSIGN(
      const unsigned count,
      read_arg_group({0, max_feature_args, "Invalid number of feature arguments"}, args, error));
  for (unsigned i = 0; i < count; ++i) {
    const std::string& feature = *args.shift();
    if (dmcore::equal_ignoring_case(feature, no_hydration_feature)) {
      flags_.clear(CloneFlag::hydration_enabled);
    } else if (dmcore::equal_ignoring_case(feature, no_discard_passdown_feature)) {
      flags_.clear(CloneFlag::discard_passdown);
    } else {
      return fail("Invalid feature argument");
    }
  }
  return {};
}

Status CloneTarget::read_core_args(ArgSet& args) {
  const std::uint64_t threshold = dialect_.default_threshold_for(region_size_);
  if (threshold != dialect_.default_threshold) hydration_threshold_.set(threshold);

  if (args.empty()) return {};
  DMCORE_TRY_ASSIGN(const unsigned count,
                    read_arg_group({0, max_core_args, "Invalid number of core arguments"}, args, error));
  if (count % 2 != 0) return fail("Number of core arguments must be even");
  const auto invalid_value = [this](std::string_view key) {
    return fail(fmt::format("Invalid value for argument `{}'", key));
  };
  for (unsigned i = 0; i < count; i += 2) {
    const std::string& key = *args.shift();
    const std::string& value = *args.shift();
    if (dmcore::equal_ignoring_case(key, threshold_key)) {
      if (!set_threshold(value).ok()) return invalid_value(threshold_key);
    } else if (dmcore::equal_ignoring_case(key, dialect_.batch_key)) {
      if (!set_batch_size(value).ok()) return invalid_value(dialect_.batch_key);
    } else {
      return fail("Invalid core argument");
    }
  }
  return {};
}

Status CloneTarget::open_metadata() {
  auto metadata = CloneMetadata::open(kernel(), *metadata_device_->device, len(), region_size_);
  if (!metadata.ok()) return fail("Failed to load metadata", metadata.error());
  metadata_ = std::move(*metadata);
  return {};
}

dmcore::TargetType clone_target_type(dmcore::Kernel& kernel, const Dialect& dialect) {
  auto throttle = std::make_shared<dmcore::KcopydThrottle>(kernel);
  // dm-clone needs dm-bufio, which is loaded with it.
  kernel.module<dmcore::BufferMemory>();
  dmcore::TargetType type;
  type.name = "clone";
  type.version = {1, 0, 0};
  type.has_message = true;
  type.has_io_hints = true;
  type.arguments = [&dialect] { return clone_arguments(dialect); };
  type.make = [throttle, &dialect](dmcore::Table& table, dmcore::sector_t begin, dmcore::sector_t len) {
    return std::make_unique<CloneTarget>(table, begin, len, throttle, dialect);
  };
  return type;
}

}  // namespace dmclone
