// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/host/device_file.h"

#include <algorithm>
#include <map>

#include "dmcore/block/lib.h"
#include "dmcore/block/plug.h"
#include "dmcore/kernel/kernel.h"

namespace sim::host {

using dmcore::Errno;

namespace {

constexpr auto is_directory = static_cast<Errno>(21);  // EISDIR, which no kernel code here gives

// The locks of the inodes of block devices (inode_lock()), which an ioctl holds while it discards. Reads and
// writes without the page cache do not take them.
class InodeLocks final : public dmcore::Module {
 public:
  static constexpr std::string_view module_name = "bdev";
  explicit InodeLocks(dmcore::Kernel& kernel) : runtime_(kernel.runtime()) {}
  dmcore::Mutex& of(const dmcore::BlockDevice& device) {
    return locks_.try_emplace(device.dev(), runtime_, "inode of a block device").first->second;
  }

 private:
  dmcore::Runtime& runtime_;
  std::map<dmcore::DevT, dmcore::Mutex> locks_;
};

}  // namespace

dmcore::Result<DeviceFile> DeviceFile::open(dmcore::BlockLayer& layer, std::string_view path, bool write) {
  // A name that is empty leaves a directory, which can neither be written nor read directly.
  if (path.ends_with('/')) return write ? is_directory : Errno::inval;
  const auto dev = layer.lookup_path(path);
  if (!dev.ok()) return dev.error();
  const dmcore::OpenMode mode{.read = true, .write = write};
  // A node can outlive its device.
  const auto device = layer.open(*dev, mode);
  if (!device.ok()) return device.error();
  return DeviceFile(**device, mode);
}

void DeviceFile::close() {
  device_->close(mode_);
}

bool DeviceFile::aligned(std::uint64_t offset, std::uint64_t length) const {
  return ((offset | length) & (device_->limits.logical_block_size - 1)) == 0;
}

dmcore::Result<std::size_t> DeviceFile::read(std::span<std::byte> buffer, std::int64_t offset) {
  if (offset < 0) return Errno::inval;
  const auto position = static_cast<std::uint64_t>(offset);
  if (position >= size()) return std::size_t{0};
  const std::size_t length = std::min<std::uint64_t>(buffer.size(), size() - position);
  if (length == 0) return length;
  if (!aligned(position, length)) return Errno::inval;
  DMCORE_TRY(dmcore::read_sectors(*device_, dmcore::to_sectors(position), buffer.first(length)));
  return length;
}

dmcore::Result<std::size_t> DeviceFile::write(std::span<const std::byte> data, std::int64_t offset,
                                              bool dsync, const std::function<void()>& written) {
  if (offset < 0) return Errno::inval;
  const auto position = static_cast<std::uint64_t>(offset);
  if (device_->read_only) return Errno::perm;
  if (data.empty()) return std::size_t{0};
  if (position >= size()) return Errno::nospc;
  const std::size_t length = std::min<std::uint64_t>(data.size(), size() - position);
  if (!aligned(position, length)) return Errno::inval;
  const auto flags =
      static_cast<std::uint16_t>(dmcore::bio_sync | dmcore::bio_idle | (dsync ? dmcore::bio_fua : 0));
  const dmcore::Plug plug(device_->layer().runtime());  // blkdev_write_iter()
  DMCORE_TRY(dmcore::write_sectors(*device_, dmcore::to_sectors(position), data.first(length), flags));
  if (!dsync) return length;
  if (written && length == data.size()) written();
  // Writing through is not enough for Linux here: it flushes as well (generic_write_sync()).
  DMCORE_TRY(sync());
  return length;
}

dmcore::Status DeviceFile::discard(std::uint64_t offset, std::uint64_t length) {
  if (device_->limits.max_discard_sectors == 0) return Errno::opnotsupp;
  if (((offset | length) & (dmcore::sector_size - 1)) != 0) return Errno::inval;
  if (length > size() || offset > size() - length) return Errno::inval;
  // blk_ioctl_discard(): of two discards of a device the second begins when the first has ended.
  const dmcore::MutexGuard guard(device_->layer().kernel().module<InodeLocks>().of(*device_));
  return dmcore::issue_discard(*device_, dmcore::to_sectors(offset), dmcore::to_sectors(length));
}

dmcore::Status DeviceFile::sync() {
  const dmcore::Status status = dmcore::issue_flush(*device_);
  return status.error() == Errno::opnotsupp ? dmcore::Status() : status;
}

}  // namespace sim::host
