// SPDX-License-Identifier: GPL-2.0-or-later
// dm-io: one I/O of a piece of memory, read from one region or written to several (drivers/md/dm-io.c).
#pragma once

#include <span>

#include "dmcore/block/block_layer.h"

namespace dmcore {

// struct dm_io_region: a range of sectors on a device.
struct IoRegion {
  BlockDevice* device = nullptr;
  sector_t sector = 0;
  sector_t count = 0;  // 0: no I/O, except that a flush is still sent
};

// struct dm_io_request. For reads and writes, `data` has room for the longest region; it belongs to the
// caller and must stay until the I/O has completed. Other operations ignore it.
struct IoRequest {
  BioOp op = BioOp::read;
  std::uint16_t flags = 0;  // BioFlags
  std::byte* data = nullptr;
};

// io_notify_fn: bit i of `error_bits` is set if region i failed. Called when the last bio completes, in any
// context: must not sleep.
using IoNotify = void (*)(unsigned long error_bits, void* context);

// struct dm_io_client: the memory for I/O in flight. Must outlive its I/O.
class IoClient {
 public:
  // A region's number is a bit of an unsigned long.
  static constexpr std::size_t max_regions = 64;
  // A bio has at most BIO_MAX_VECS (256) pages; longer regions become several bios.
  static constexpr std::uint32_t max_bio_bytes = 256 * 4096;

  explicit IoClient(BlockLayer& layer)
      : layer_(layer), ios_(layer.runtime(), "io"), parts_(layer.runtime(), "dm-io bio") {}
  IoClient(const IoClient&) = delete;
  IoClient& operator=(const IoClient&) = delete;

  // Submits the I/O and returns; `notify` is called when all of it has completed, which may be before this
  // returns. A discard or write-zeroes that the device of a region does not support fails for that region
  // only. Reading from several regions fails at once with EIO, and `notify` gets bit 0. May sleep as
  // submit_bio() may.
  Status async(const IoRequest& request, std::span<const IoRegion> regions, IoNotify notify, void* context);

  // The same, synchronously: EIO if a region failed; *error_bits says which. Sleeps.
  Status sync(const IoRequest& request, std::span<const IoRegion> regions,
              unsigned long* error_bits = nullptr);

  // Requests that have not completed.
  [[nodiscard]] std::size_t in_flight() const { return ios_.out(); }

 private:
  // One request. `count` is the number of its bios in flight, plus one while they are being submitted.
  struct Io {
    IoClient* client;
    unsigned long error_bits;
    unsigned count;
    IoNotify notify;
    void* context;
  };
  // One bio of a request.
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
