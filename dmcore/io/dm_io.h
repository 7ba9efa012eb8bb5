// SPDX-License-Identifier: GPL-2.0-or-later
// dm-io: one read or write of a piece of memory, from one region or to several at once (drivers/md/dm-io.c).
#pragma once

#include <span>

#include "dmcore/block/block_layer.h"

namespace dmcore {

// A range of sectors on a device.
struct IoRegion {
  BlockDevice* device = nullptr;
  sector_t sector = 0;
  sector_t count = 0;  // 0: the region is left out, except that a flush is still sent to its device
};

// What to do, and with which memory. `data` holds as many sectors as the longest region, for reads and
// writes; it is not looked at by the other operations. It belongs to the caller, who keeps it until the I/O
// is over.
struct IoRequest {
  BioOp op = BioOp::read;
  std::uint16_t flags = 0;  // BioFlags
  std::byte* data = nullptr;
};

// Bit i of `error_bits` says that region i failed. Called where the last bio ended: in any context, so it
// must not sleep.
using IoNotify = void (*)(unsigned long error_bits, void* context);

// Keeps the memory that I/O in flight needs. Must outlive its I/O.
class IoClient {
 public:
  // A region's number is a bit in an unsigned long.
  static constexpr std::size_t max_regions = 64;
  // A bio has at most BIO_MAX_VECS (256) pages; longer regions become several bios.
  static constexpr std::uint32_t max_bio_bytes = 256 * 4096;

  explicit IoClient(BlockLayer& layer) : layer_(layer) {}
  IoClient(const IoClient&) = delete;
  IoClient& operator=(const IoClient&) = delete;

  // Sends the I/O and returns; `notify` is called when all of it has ended, which may be before this returns.
  // Discards and zeroings that a region's device cannot do fail that region alone. Reading goes from one
  // region only: more fail at once with EIO, and `notify` is told of bit 0. May sleep as far as submit_bio()
  // may.
  Status async(const IoRequest& request, std::span<const IoRegion> regions, IoNotify notify, void* context);

  // The same, waited for: EIO if any region failed, and then *error_bits says which. Sleeps.
  Status sync(const IoRequest& request, std::span<const IoRegion> regions,
              unsigned long* error_bits = nullptr);

  // Requests that have not ended.
  [[nodiscard]] std::size_t in_flight() const { return ios_.out(); }

 private:
  // One request: counts its bios, plus one while they are still being sent.
  struct Io {
    IoClient* client;
    unsigned long error_bits;
    unsigned count;
    IoNotify notify;
    void* context;
  };
  // One bio of it.
  struct Part {
    Bio bio;
    Io* io;
    unsigned region;
  };

  Io& begin(IoNotify notify, void* context);
  void dispatch(const IoRequest& request, std::span<const IoRegion> regions, Io& io);
  void send_region(const IoRequest& request, const IoRegion& where, unsigned number, Io& io);
  void part_ended(Part& part);
  void drop(Io& io, unsigned region, bool failed);

  BlockLayer& layer_;
  MemPool<Io> ios_;
  MemPool<Part> parts_;
};

}  // namespace dmcore
