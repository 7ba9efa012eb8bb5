// SPDX-License-Identifier: GPL-2.0-or-later
// A device node that is open with O_DIRECT, as a program sees it (Linux: block/fops.c, block/ioctl.c).
//
// All calls are for process context and sleep. Offsets and lengths are bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "dmcore/block/block_layer.h"

namespace sim::host {

class DeviceFile {
 public:
  // ENOENT if there is no such node, ENXIO if there is no device behind it.
  static dmcore::Result<DeviceFile> open(dmcore::BlockLayer& layer, std::string_view path, bool write);
  // Must be called, except by a task that is torn down.
  void close();

  // How much was read: less than asked for at the device's end, nothing behind it. EINVAL unless both ends
  // are on logical blocks. One bio, so at most 1 MiB should be asked for.
  dmcore::Result<std::size_t> read(std::span<std::byte> buffer, std::int64_t offset);
  // How much was written; the same, but behind the end ENOSPC. With `dsync` (RWF_DSYNC) it is a FUA write,
  // and a flush that Linux sends after it; `written`, which may be empty, is called in between, if all was
  // written.
  dmcore::Result<std::size_t> write(std::span<const std::byte> data, std::int64_t offset, bool dsync,
                                    const std::function<void()>& written = {});
  // ioctl(BLKDISCARD).
  dmcore::Status discard(std::uint64_t offset, std::uint64_t length);
  // fsync(): a flush, which a device may be without.
  dmcore::Status sync();
  // ioctl(BLKGETSIZE64).
  [[nodiscard]] std::uint64_t size() const { return dmcore::to_bytes(device_->nr_sectors()); }

 private:
  DeviceFile(dmcore::BlockDevice& device, dmcore::OpenMode mode) : device_(&device), mode_(mode) {}
  [[nodiscard]] bool aligned(std::uint64_t offset, std::uint64_t length) const;

  dmcore::BlockDevice* device_;
  dmcore::OpenMode mode_;
};

}  // namespace sim::host
