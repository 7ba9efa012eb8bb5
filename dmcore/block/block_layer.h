// SPDX-License-Identifier: GPL-2.0-or-later
// The block layer: the registry of devices, and submission and completion of bios.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "dmcore/block/block_device.h"
#include "dmcore/kernel/kernel.h"
#include "dmcore/kernel/mempool.h"

namespace dmcore {

class BlockLayer {
 public:
  explicit BlockLayer(Kernel& kernel);

  [[nodiscard]] Kernel& kernel() { return kernel_; }
  [[nodiscard]] Runtime& runtime() { return kernel_.runtime(); }
  [[nodiscard]] KernelLog& log() { return kernel_.log(); }

  // The registry. Devices are owned by their drivers, which remove them before destroying them.
  void add(BlockDevice& device);
  void remove(BlockDevice& device);
  // put_disk(): destroys a device that was removed, once no task that found it before is about to open it.
  void release(std::unique_ptr<BlockDevice> device);
  // blkdev_get_by_dev(): finds a device and opens it; if there is none, its driver may create it. ENXIO if
  // there is no such device, or it is being removed. With a holder the open is exclusive (FMODE_EXCL): EBUSY
  // while another holder has the device; the same holder may open it several times. May sleep.
  Result<BlockDevice*> open(DevT dev, OpenMode mode, const void* holder = nullptr);
  // Without a reference: valid until the next step of the task.
  [[nodiscard]] BlockDevice* find(DevT dev) const;
  [[nodiscard]] BlockDevice* find(std::string_view name) const;  // by the kernel's name: "loop0", "dm-0"
  // blk_request_module(): called for a number without a device; may add() one.
  void set_probe(std::function<void(DevT)> probe) { probe_ = std::move(probe); }
  // bdev_lock: protects who holds or claims a device.
  [[nodiscard]] SpinLock& claims_lock() { return claims_lock_; }
  // In the order of their numbers.
  [[nodiscard]] const std::map<DevT, BlockDevice*>& devices() const { return devices_; }

  // Nodes in /dev besides the kernel's own, such as "mapper/clone", which udev or dmsetup create.
  void add_node(std::string path, DevT dev) { nodes_[std::move(path)] = dev; }
  void remove_node(std::string_view path);
  // The device of a node: "/dev/loop0", "/dev/mapper/clone". Errno::noent if there is none.
  [[nodiscard]] Result<DevT> lookup_path(std::string_view path) const;

  // Allocates a bio from the layer's pool, and frees it.
  [[nodiscard]] Bio& take_bio() { return *bios_.take(); }
  void give_back(Bio& bio) { bios_.give_back(&bio); }

  // Bios that were submitted and have not completed.
  [[nodiscard]] std::size_t in_flight() const { return ledger_.size(); }
  // One line for each of them.
  [[nodiscard]] std::string describe_in_flight() const;
  // For a driver that destroys a device with bios in flight, which is a bug: reports then list them without
  // the device.
  void abandon_bios_of(const BlockDevice& device);

 private:
  friend class BlockDevice;
  void put(BlockDevice& device);

  friend void submit_bio(Bio& bio, Place place);
  friend void end_bio(Bio& bio, Place place);
  friend Bio& split_bio(Bio& bio, sector_t sectors);
  friend void catch_bio(Bio& bio);
  friend void begin_bio(Bio& bio);
  friend void withdraw_bio(Bio& bio);
  using Ledger = LinkedList<Bio, &Bio::ledger_hook>;

  void note_begin(Bio& bio);
  void note_end(Bio& bio, Bio::State state);

  Kernel& kernel_;
  std::map<DevT, BlockDevice*> devices_;
  std::vector<std::unique_ptr<BlockDevice>> released_;  // which someone has a reference to
  std::map<std::string, DevT, std::less<>> nodes_;
  std::function<void(DevT)> probe_;
  SpinLock claims_lock_;
  MemPool<Bio> bios_;
  Ledger ledger_;
};

// submit_bio_noacct(): submits a bio to bio.device. From within a driver's submit() it only queues the bio,
// and the outermost call submits the queued bios, those for lower devices first: the depth of a stack of
// devices needs no stack space. May sleep.
void submit_bio(Bio& bio, Place place = Place::here());

// bio_endio(): completes a bio with bio.status. Any context. Completing one twice is a violation.
void end_bio(Bio& bio, Place place = Place::here());
// The same with the given status; `ok` does not override an error of a part of the bio.
inline void end_bio(Bio& bio, BlockStatus status, Place place = Place::here()) {
  if (status != BlockStatus::ok) bio.status = status;
  end_bio(bio, place);
}

// For a driver that hooked the end_io of a bio that is not its own: called in the hook, once the old end_io
// is restored. The bio is in flight again until the driver completes it for its submitter.
void catch_bio(Bio& bio);

inline void bio_io_error(Bio& bio, Place place = Place::here()) {
  end_bio(bio, BlockStatus::ioerr, place);
}

// bio_split() and bio_chain(): splits the first `sectors` off a bio. The part is a new bio from the layer's
// pool, which the caller submits; the given bio is the remainder, and completes when both have.
Bio& split_bio(Bio& bio, sector_t sectors);

// For a driver that passes a bio of its own to code which will submit or complete it: the bio counts as in
// flight from now on. withdraw_bio() makes it idle again without calling its end_io.
void begin_bio(Bio& bio);
void withdraw_bio(Bio& bio);

}  // namespace dmcore
