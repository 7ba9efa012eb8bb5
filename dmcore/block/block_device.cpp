// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/block/block_device.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <type_traits>

#include "dmcore/block/block_layer.h"

namespace dmcore {

std::string to_string(DevT dev) {
  return fmt::format("{}:{}", dev.major, dev.minor);
}

BlockDevice::BlockDevice(BlockLayer& layer, DevT dev, std::string name)
    : layer_(layer),
      dev_(dev),
      name_(std::move(name)),
      open_mutex_(layer.runtime(), "disk open_mutex"),
      claiming_over_(layer.runtime(), "bd_claiming") {}

void BlockDevice::about_to_read_capacity() const {
  layer_.runtime().fine_step(Point::submit_bio, reads(&nr_sectors_), "capacity");
}

void BlockDevice::about_to_read_limits() const {
  layer_.runtime().fine_step(Point::submit_bio, reads(&limits, Access::whole), "limits");
}

void BlockDevice::about_to_change_limits() const {
  layer_.runtime().fine_step(Point::submit_bio, writes(&limits, Access::whole), "limits");
}

void BlockDevice::set_nr_sectors(sector_t sectors) {
  layer_.runtime().fine_step(Point::submit_bio, writes(&nr_sectors_), "capacity");
  nr_sectors_ = sectors;
}

// The assignment of a structure: word by word.
void BlockDevice::set_limits(const QueueLimits& new_limits) {
  Runtime& runtime = layer_.runtime();
  if (!runtime.watched()) {
    limits = new_limits;
    return;
  }
  constexpr std::size_t word = 8;
  static_assert(std::is_trivially_copyable_v<QueueLimits>);
  for (std::size_t at = 0; at < sizeof limits; at += word) {
    runtime.fine_step(Point::submit_bio, writes(&limits, static_cast<std::uint32_t>(at / word)), "limits");
    std::memcpy(reinterpret_cast<std::byte*>(&limits) + at,
                reinterpret_cast<const std::byte*>(&new_limits) + at, std::min(word, sizeof limits - at));
  }
}

// blkdev_get_by_dev(). A holder claims the device before its driver opens it, so that of two holders one
// finds the other.
Status BlockDevice::open(OpenMode mode, const void* holder) {
  if (holder != nullptr) DMCORE_TRY(prepare_to_claim(holder));
  const Status opened = open_live(mode);
  if (holder != nullptr) end_claiming(holder, opened.ok());
  return opened;
}

Status BlockDevice::open_live(OpenMode mode) {
  const MutexGuard guard(open_mutex_);
  if (!live_) return Errno::nxio;
  DMCORE_TRY(on_open(mode));
  ++opens_;
  return {};
}

// bd_prepare_to_claim()
Status BlockDevice::prepare_to_claim(const void* holder) {
  for (;;) {
    {
      const SpinGuard guard(layer_.claims_lock());
      if (holders_ != 0 && holder_ != holder) return Errno::busy;
      if (claiming_ == nullptr) {
        claiming_ = holder;
        return {};
      }
    }
    // bd_prepare_to_claim() enters the queue with the lock held.
    claiming_over_.wait_event([&] { return data_race(claiming_) == nullptr; });
  }
}

// bd_finish_claiming(), bd_abort_claiming()
void BlockDevice::end_claiming(const void* holder, bool opened) {
  const SpinGuard guard(layer_.claims_lock());
  if (opened) {
    holder_ = holder;
    ++holders_;
  }
  claiming_over_.wake_all_after([this] { claiming_ = nullptr; });
}

void BlockDevice::end_claim() {
  const SpinGuard guard(layer_.claims_lock());
  if (--holders_ == 0) holder_ = nullptr;
}

void BlockDevice::close(OpenMode mode, const void* holder) {
  {
    const MutexGuard guard(open_mutex_);
    if (holder != nullptr) end_claim();
    --opens_;
    on_close(mode);
  }
  layer_.put(*this);
}

}  // namespace dmcore
