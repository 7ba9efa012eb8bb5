// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/block/block_device.h"

#include <fmt/format.h>

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
