// SPDX-License-Identifier: GPL-2.0-or-later
// The block layer: who the devices are, and how a bio gets to one and back.
#pragma once

#include <functional>
#include <map>
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

  // The registry. Devices are owned by their drivers; they leave before they die.
  void add(BlockDevice& device);
  void remove(BlockDevice& device);
  [[nodiscard]] BlockDevice* find(DevT dev) const;
  [[nodiscard]] BlockDevice* find(std::string_view name) const;  // the kernel's name: "loop0", "dm-0"
  // The same for somebody who is about to open the device: if there is none, its driver may make it. May
  // sleep.
  [[nodiscard]] BlockDevice* find_or_probe(DevT dev);
  // blk_request_module(): called for a number that nobody has; may add() a device of that number.
  void set_probe(std::function<void(DevT)> probe) { probe_ = std::move(probe); }
  // In the order of their numbers.
  [[nodiscard]] const std::map<DevT, BlockDevice*>& devices() const { return devices_; }

  // Names in /dev beside the kernel's own, such as "mapper/clone": what udev, or dmsetup, would link.
  void add_node(std::string path, DevT dev) { nodes_[std::move(path)] = dev; }
  void remove_node(std::string_view path);
  // What a path means: "/dev/loop0", "/dev/mapper/clone". Errno::noent if there is none.
  [[nodiscard]] Result<DevT> lookup_path(std::string_view path) const;

  // A bio from the layer's pool, for whoever has none of its own.
  [[nodiscard]] Bio& take_bio() { return *bios_.take(); }
  void give_back(Bio& bio) { bios_.give_back(&bio); }

  // Bios that were submitted and have not come back.
  [[nodiscard]] std::size_t in_flight() const { return ledger_.size(); }
  // A line for each of them.
  [[nodiscard]] std::string describe_in_flight() const;
  // For a driver whose device dies with bios in flight, which is a mistake: reports name them without it.
  void abandon_bios_of(const BlockDevice& device);

 private:
  friend void submit_bio(Bio& bio);
  friend void end_bio(Bio& bio);
  friend Bio& split_bio(Bio& bio, sector_t sectors);
  friend void catch_bio(Bio& bio);
  friend void begin_bio(Bio& bio);
  friend void withdraw_bio(Bio& bio);
  using Ledger = LinkedList<Bio, &Bio::ledger_hook>;

  Kernel& kernel_;
  std::map<DevT, BlockDevice*> devices_;
  std::map<std::string, DevT, std::less<>> nodes_;
  std::function<void(DevT)> probe_;
  MemPool<Bio> bios_;
  Ledger ledger_;
};

// Sends a bio to bio.device (submit_bio_noacct). Called from inside a driver's submit() it only notes the
// bio, and the outermost call works through the notes, lower devices first: so the depth of a stack of
// devices costs no stack. May sleep.
void submit_bio(Bio& bio);

// Ends a bio, with bio.status: bio_endio(). Any context. Ending one twice is a violation.
void end_bio(Bio& bio);
// The same with a status of its own; `ok` leaves an error that a part of the bio already reported.
inline void end_bio(Bio& bio, BlockStatus status) {
  if (status != BlockStatus::ok) bio.status = status;
  end_bio(bio);
}

// For a driver that put its own end_io into a bio that is not its own, to see it end: called from that
// end_io, after it has put back the old one. The bio counts as in flight again, until the driver ends it for
// its submitter.
void catch_bio(Bio& bio);

inline void bio_io_error(Bio& bio) {
  end_bio(bio, BlockStatus::ioerr);
}

// Cuts the first `sectors` off a bio that a driver was handed: the part is a new bio from the layer's pool,
// which the caller sends on, and the given bio, now the rest, ends only when both have. bio_split() with
// bio_chain().
Bio& split_bio(Bio& bio, sector_t sectors);

// For a driver that hands a bio of its own to code which will submit or end it: it is in flight from now on,
// although nothing was sent anywhere. withdraw_bio() is the opposite: it is idle again, and its end_io is not
// called.
void begin_bio(Bio& bio);
void withdraw_bio(Bio& bio);

}  // namespace dmcore
