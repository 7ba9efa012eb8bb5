// SPDX-License-Identifier: GPL-2.0-or-later
// Suspend, resume, and limits.
#include <algorithm>
#include <limits>

#include "dmclone/clone_target.h"

namespace dmclone {

using dmcore::Defect;
using dmcore::Fix;
using dmcore::QueueLimits;
using dmcore::Status;

// No bios are in flight. Stops the waker, background hydration and the worker, and commits the metadata.
void CloneTarget::postsuspend() {
  if (!has(Defect::waker_not_cancelled)) work_queue_->cancel_delayed_sync(*waker_);
  // The order matters: see hydrate_in_background().
  flags_.set(CloneFlag::hydration_suspended);
  hydration_stopped_.wait_event([this] { return hydrations_in_flight_.is_zero_to_wait(); });
  work_queue_->flush();
  if (!has(Defect::suspend_uncommitted)) commit_metadata().ignore();  // errors show in the mode
}

// The metadata were read when the table was loaded. Until it becomes live, another table of the device may
// have changed them. The order of loads and suspends does not matter then: that one has been suspended, and
// has committed.
Status CloneTarget::preresume() {
  if (!has(Fix::reread_metadata) || was_live_) return {};
  DMCORE_TRY(read_metadata_again());
  was_live_ = true;
  return {};
}

Status CloneTarget::read_metadata_again() {
  Status status = metadata_->abort();
  if (status.ok()) status = metadata_->reload_in_core_bitset();
  if (status.ok()) return {};
  log().err(log_prefix, "{}: Failed to read metadata again: error = {}", device_name(),
            errno_value(status.error()));
  set_mode(MetadataMode::fail);
  return status;
}

void CloneTarget::resume() {
  flags_.clear(CloneFlag::hydration_suspended);
  do_waker();
}

bool CloneTarget::iterate_devices(const DeviceVisitor& visit) {
  return visit(*source_, 0, len()) || visit(*destination_, 0, len());
}

void CloneTarget::io_hints(QueueLimits& limits) {
  // The preferred I/O size of the devices is kept if it is a multiple of the region size.
  const std::uint64_t optimal_sectors = limits.io_opt >> dmcore::sector_shift;
  if (optimal_sectors < region_size_ || optimal_sectors % region_size_ != 0) {
    const auto region_bytes = static_cast<std::uint32_t>(dmcore::to_bytes(region_size_));
    set_io_min(limits, region_bytes);
    limits.io_opt = region_bytes;
  }
  disable_passdown_if_unsupported();
  set_discard_limits(limits);
}

void CloneTarget::disable_passdown_if_unsupported() {
  if (!flags_.test(CloneFlag::discard_passdown)) return;
  const std::uint32_t max_discard = destination_->device->limits.max_discard_sectors;
  std::string_view reason;
  if (max_discard == 0) {
    reason = "discard unsupported";
  } else if (max_discard < region_size_) {
    reason = "max discard sectors smaller than a region";
  }
  if (reason.empty()) return;
  log().warn(log_prefix, "{} device ({}) {}: Disabling discard passdown.", dialect_.destination_titled,
             destination_->device->name(), reason);
  flags_.clear(CloneFlag::discard_passdown);
}

// Discards do not go to the source: its limits do not matter.
void CloneTarget::set_discard_limits(QueueLimits& limits) const {
  if (!flags_.test(CloneFlag::discard_passdown)) {
    constexpr std::uint32_t max_bio_sectors =
        std::numeric_limits<std::uint32_t>::max() >> dmcore::sector_shift;
    limits.discard_granularity = static_cast<std::uint32_t>(dmcore::to_bytes(region_size_));
    limits.max_discard_sectors =
        static_cast<std::uint32_t>(dmcore::round_down(max_bio_sectors, region_size_));
    return;
  }
  const QueueLimits& below = destination_->device->limits;
  limits.max_discard_sectors = below.max_discard_sectors;
  limits.max_hw_discard_sectors = below.max_hw_discard_sectors;
  limits.discard_granularity = below.discard_granularity;
  limits.discard_alignment = below.discard_alignment;
  limits.discard_misaligned = below.discard_misaligned;
  limits.max_discard_segments = below.max_discard_segments;
}

}  // namespace dmclone
