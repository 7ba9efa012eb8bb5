// SPDX-License-Identifier: GPL-2.0-or-later
// struct block_device and gendisk: the base class of disks and mapped devices.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "dmcore/block/bio.h"
#include "dmcore/block/queue_limits.h"
#include "dmcore/kernel/order.h"
#include "dmcore/kernel/wait.h"

namespace dmcore {

class BlockLayer;

struct DevT {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  friend auto operator<=>(const DevT&, const DevT&) = default;  // NOLINT(modernize-use-nullptr)
};
// "7:0", as format_dev_t() prints it.
std::string to_string(DevT dev);

// FMODE_READ and FMODE_WRITE.
struct OpenMode {
  bool read = true;
  bool write = false;
  friend bool operator==(const OpenMode&, const OpenMode&) = default;
};

// /sys/block/X/stat: sectors completed, and flush requests.
struct IoCounters {
  std::uint64_t read_sectors = 0;
  std::uint64_t written_sectors = 0;
  std::uint64_t discarded_sectors = 0;
  std::uint64_t flushes = 0;
};

class BlockDevice {
 public:
  // Does not register the device: see BlockLayer::add(). `name` is the kernel's ("loop0", "dm-0").
  BlockDevice(BlockLayer& layer, DevT dev, std::string name);
  BlockDevice(const BlockDevice&) = delete;
  BlockDevice& operator=(const BlockDevice&) = delete;
  virtual ~BlockDevice() = default;

  // submit_bio() of the driver: called by the block layer only, after its checks, in the context of the
  // submitter. The driver completes the bio with end_bio(), now or later.
  virtual void submit(Bio& bio) = 0;

  // The driver's part of open() and close(). May sleep.
  virtual Status on_open(OpenMode) { return {}; }
  virtual void on_close(OpenMode) {}

  // Ends what BlockLayer::open() began. The device may be destroyed with it. May sleep.
  void close(OpenMode mode, const void* holder = nullptr);
  [[nodiscard]] unsigned open_count() const { return data_race(opens_); }
  [[nodiscard]] bool claimed() const { return data_race(holders_) != 0; }
  // disk->open_mutex: held while the device is opened, closed, or removed from the registry. Process context.
  [[nodiscard]] Mutex& open_mutex() { return open_mutex_; }

  [[nodiscard]] BlockLayer& layer() const { return layer_; }
  [[nodiscard]] DevT dev() const { return dev_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] sector_t nr_sectors() const { return nr_sectors_; }
  // Submitters read capacity and limits at any time, without a lock: bind() of a mapped device changes them
  // while bios may be on their way.
  void set_nr_sectors(sector_t sectors);
  void set_limits(const QueueLimits& new_limits);
  // Before `limits` is changed in place.
  void about_to_change_limits() const;
  // Before a submitter looks.
  void about_to_read_capacity() const;
  void about_to_read_limits() const;

  // What follows changes when a table is bound, while others read it: the limits and flags of a queue have no
  // lock for readers.
  Racy<QueueLimits> limits;
  Racy<bool> read_only = false;    // of the disk itself
  Racy<bool> write_cache = false;  // QUEUE_FLAG_WC: has a volatile write cache
  Racy<bool> fua = false;          // QUEUE_FLAG_FUA
  Racy<bool> nowait = false;       // QUEUE_FLAG_NOWAIT
  bool request_based = false;      // has a request queue, as disks have; bio-based otherwise
  // Sectors to read ahead, if that was set explicitly; else the limits decide: see sysfs.h.
  Racy<std::optional<std::uint32_t>> read_ahead;
  // For each CPU in the kernel, and added up by readers.
  Racy<IoCounters> counters;

 private:
  friend class BlockLayer;
  Status open(OpenMode mode, const void* holder);
  Status open_live(OpenMode mode);
  Status prepare_to_claim(const void* holder);
  void end_claiming(const void* holder, bool opened);
  void end_claim();

  BlockLayer& layer_;
  DevT dev_;
  std::string name_;
  Racy<sector_t> nr_sectors_ = 0;  // bdev_nr_sectors() has no lock
  bool live_ = false;              // in the registry
  unsigned references_ = 0;        // which keep it from being destroyed
  unsigned opens_ = 0;
  Mutex open_mutex_;
  const void* holder_ = nullptr;
  unsigned holders_ = 0;
  const void* claiming_ = nullptr;  // the holder that is about to have it
  WaitQueue claiming_over_;
};

}  // namespace dmcore
