// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/block/lib.h"

#include <algorithm>
#include <limits>

#include "dmcore/block/plug.h"
#include "dmcore/kernel/wait.h"

namespace dmcore {

namespace {

constexpr std::uint64_t max_bio_bytes = std::numeric_limits<std::uint32_t>::max();

// A bio from the pool for the duration of a scope.
class PooledBio {
 public:
  explicit PooledBio(BlockLayer& layer) : layer_(layer), bio_(layer.take_bio()) {}
  PooledBio(const PooledBio&) = delete;
  PooledBio& operator=(const PooledBio&) = delete;
  ~PooledBio() {
    // When the machine is torn down the bio may still be in flight.
    if (!layer_.runtime().dying()) layer_.give_back(bio_);
  }
  [[nodiscard]] Bio& get() { return bio_; }

 private:
  BlockLayer& layer_;
  Bio& bio_;
};

Status run(BlockDevice& device, BioOp op, sector_t sector, std::uint32_t bytes, std::byte* data,
           std::uint16_t flags) {
  PooledBio bio(device.layer());
  bio.get().init(device, op, sector, bytes, data, flags);
  return submit_bio_wait(bio.get());
}

// blk_next_bio(): bios of one request that are all submitted, under a plug, before the task waits. Each is a
// part of the next one, so that the last completes when all have.
class BioChain {
 public:
  explicit BioChain(BlockDevice& device) : device_(device), layer_(device.layer()), plug_(layer_.runtime()) {}

  void add(BioOp op, sector_t sector, sector_t sectors, std::byte* data = nullptr) {
    Bio& next = layer_.take_bio();
    next.init(device_, op, sector, static_cast<std::uint32_t>(to_bytes(sectors)), data);
    if (last_ != nullptr) {
      begin_bio(next);
      last_->parent = &next;
      ++next.chained;
      submit_bio(*last_);
    }
    last_ = &next;
  }
  // Of at least one bio.
  Status wait() {
    const Status status = submit_bio_wait(*last_);
    layer_.give_back(*last_);
    return status;
  }

 private:
  BlockDevice& device_;
  BlockLayer& layer_;
  Plug plug_;
  Bio* last_ = nullptr;
};

// The length of a discard bio at `sector`: up to the next multiple of the granularity, and from there as many
// granules as fit into a bio.
sector_t discard_bio_sectors(const BlockDevice& device, sector_t sector) {
  const std::uint32_t granularity = device.limits.discard_granularity;
  const sector_t boundary = round_up(sector, granularity >> sector_shift);
  if (boundary != sector) return boundary - sector;
  return to_sectors(round_down(max_bio_bytes, granularity));
}

}  // namespace

Status submit_bio_wait(Bio& bio) {
  Completion done(bio.device->layer().runtime(), "I/O");
  bio.owner = &done;
  bio.end_io = [](Bio& ended) { static_cast<Completion*>(ended.owner)->complete(); };
  bio.flags |= bio_sync;
  submit_bio(bio);
  done.wait();
  return to_errno(bio.status);
}

Status read_sectors(BlockDevice& device, sector_t sector, std::span<std::byte> buffer, std::uint16_t flags) {
  return run(device, BioOp::read, sector, static_cast<std::uint32_t>(buffer.size()), buffer.data(), flags);
}

Status write_sectors(BlockDevice& device, sector_t sector, std::span<const std::byte> data,
                     std::uint16_t flags) {
  // A write does not change the data; Bio::data is not const because it serves reads too.
  auto* bytes = const_cast<std::byte*>(data.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  return run(device, BioOp::write, sector, static_cast<std::uint32_t>(data.size()), bytes, flags);
}

Status issue_flush(BlockDevice& device) {
  return run(device, BioOp::write, 0, 0, nullptr, bio_preflush);
}

Status issue_discard(BlockDevice& device, sector_t sector, sector_t count) {
  if (device.read_only) return Errno::perm;
  if (device.limits.max_discard_sectors == 0 || device.limits.discard_granularity == 0)
    return Errno::opnotsupp;
  const sector_t block_mask = (device.limits.logical_block_size >> sector_shift) - 1;
  if (((sector | count) & block_mask) != 0 || count == 0) return Errno::inval;
  BioChain bios(device);
  while (count != 0) {
    const sector_t sectors = std::min(count, discard_bio_sectors(device, sector));
    bios.add(BioOp::discard, sector, sectors);
    sector += sectors;
    count -= sectors;
  }
  const Status status = bios.wait();
  return status.error() == Errno::opnotsupp ? Status() : status;
}

}  // namespace dmcore
