// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/block/block_device.h"

#include <fmt/format.h>

namespace dmcore {

std::string to_string(DevT dev) {
  return fmt::format("{}:{}", dev.major, dev.minor);
}

Status BlockDevice::open(OpenMode mode, const void* holder) {
  {
    const order::Unchecked locked("by bdev_lock");
    order::serialise(&holder_);
    if (holder != nullptr && holders_ != 0 && holder_ != holder) return Errno::busy;
  }
  DMCORE_TRY(on_open(mode));
  const order::Unchecked locked("by the disk's open_mutex, and bdev_lock");
  order::serialise(&holder_);
  ++opens_;
  if (holder != nullptr) {
    holder_ = holder;
    ++holders_;
  }
  return {};
}

void BlockDevice::close(OpenMode mode, const void* holder) {
  {
    const order::Unchecked locked("by the disk's open_mutex, and bdev_lock");
    order::serialise(&holder_);
    --opens_;
    if (holder != nullptr && --holders_ == 0) holder_ = nullptr;
  }
  on_close(mode);
}

}  // namespace dmcore
