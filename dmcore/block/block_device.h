// SPDX-License-Identifier: GPL-2.0-or-later
// A block device: something that takes bios. Disks and mapped devices derive from it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "dmcore/block/bio.h"
#include "dmcore/block/queue_limits.h"

namespace dmcore {

class BlockLayer;

struct DevT {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  friend auto operator<=>(const DevT&, const DevT&) = default;
};
// "7:0", as format_dev_t() prints it.
std::string to_string(DevT dev);

// FMODE_*. `exclusive` opens claim the device for a holder.
struct OpenMode {
  bool read = true;
  bool write = false;
  friend bool operator==(const OpenMode&, const OpenMode&) = default;
};

// What the block layer counted at a device (/sys/block/X/stat): sectors that completed, and flush requests.
struct IoCounters {
  std::uint64_t read_sectors = 0;
  std::uint64_t written_sectors = 0;
  std::uint64_t discarded_sectors = 0;
  std::uint64_t flushes = 0;
};

class BlockDevice {
 public:
  // Registers nothing: BlockLayer::add() does. `name` is the kernel's ("loop0", "dm-0").
  BlockDevice(BlockLayer& layer, DevT dev, std::string name)
      : layer_(layer), dev_(dev), name_(std::move(name)) {}
  BlockDevice(const BlockDevice&) = delete;
  BlockDevice& operator=(const BlockDevice&) = delete;
  virtual ~BlockDevice() = default;

  // The driver's way in: called by the block layer only, in the context of the submitter, after its checks.
  // The driver ends the bio, now or later, with end_bio().
  virtual void submit(Bio& bio) = 0;

  // Called by open() and close(): the driver's own part. May sleep.
  virtual Status on_open(OpenMode) { return {}; }
  virtual void on_close(OpenMode) {}

  // Opens and closes. With a holder the open is exclusive: it fails with EBUSY while another holder has the
  // device. The same holder may claim it several times. May sleep.
  Status open(OpenMode mode, const void* holder = nullptr);
  void close(OpenMode mode, const void* holder = nullptr);
  [[nodiscard]] unsigned open_count() const { return opens_; }
  [[nodiscard]] bool claimed() const { return holders_ != 0; }

  [[nodiscard]] BlockLayer& layer() const { return layer_; }
  [[nodiscard]] DevT dev() const { return dev_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] sector_t nr_sectors() const { return nr_sectors_; }
  void set_nr_sectors(sector_t sectors) { nr_sectors_ = sectors; }

  QueueLimits limits;
  bool read_only = false;    // the disk itself, not an open of it
  bool write_cache = false;  // QUEUE_FLAG_WC: has a volatile cache, so flushes mean something
  bool fua = false;          // QUEUE_FLAG_FUA
  bool nowait = false;       // QUEUE_FLAG_NOWAIT
  bool request_based =
      false;  // a disk's driver, with requests and a scheduler; others are handed bios as they come
  // Sectors to read ahead, if somebody has chosen that; else the limits decide (sysfs.h).
  std::optional<std::uint32_t> read_ahead;
  IoCounters counters;

 private:
  BlockLayer& layer_;
  DevT dev_;
  std::string name_;
  sector_t nr_sectors_ = 0;
  unsigned opens_ = 0;
  const void* holder_ = nullptr;
  unsigned holders_ = 0;
};

}  // namespace dmcore
