// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/io/dm_io.h"

#include <algorithm>
#include <cstring>

#include "dmcore/kernel/order.h"
#include "dmcore/kernel/wait.h"

namespace dmcore {

namespace {

// The maximum length of a bio without data, in sectors; 0 if the device does not support it.
std::uint32_t max_special_sectors(BioOp op, const QueueLimits& limits) {
  return op == BioOp::discard ? limits.max_discard_sectors : limits.max_write_zeroes_sectors;
}

bool is_special(BioOp op) {
  return op == BioOp::discard || op == BioOp::write_zeroes;
}

}  // namespace

IoClient::Io& IoClient::begin(IoNotify notify, void* context) {
  Io& io = *ios_.take();
  io.client = this;
  io.error_bits = 0;
  io.count = 1;  // held until all bios are submitted
  io.notify = notify;
  io.context = context;
  return io;
}

Status IoClient::async(const IoRequest& request, std::span<const IoRegion> regions, IoNotify notify,
                       void* context) {
  if (regions.size() > 1 && request.op == BioOp::read) {
    notify(1, context);
    return Errno::io;
  }
  dispatch(request, regions, begin(notify, context));
  return {};
}

Status IoClient::sync(const IoRequest& request, std::span<const IoRegion> regions,
                      unsigned long* error_bits) {
  if (regions.size() > 1 && request.op == BioOp::read) return Errno::io;
  struct Wait {
    explicit Wait(Runtime& runtime) : done(runtime, "dm-io") {}
    Completion done;
    unsigned long errors = 0;
  } wait(layer_.runtime());
  const auto ended = [](unsigned long errors, void* context) {
    auto& waiting = *static_cast<Wait*>(context);
    waiting.errors = errors;
    waiting.done.complete();
  };
  IoRequest synchronous = request;
  synchronous.flags |= bio_sync;
  dispatch(synchronous, regions, begin(ended, &wait));
  wait.done.wait();
  if (error_bits != nullptr) *error_bits = wait.errors;
  return wait.errors != 0 ? Status(Errno::io) : Status();
}

void IoClient::dispatch(const IoRequest& request, std::span<const IoRegion> regions, Io& io) {
  for (unsigned i = 0; i < regions.size(); ++i) {
    if (regions[i].count != 0 || (request.flags & bio_preflush) != 0) send_region(request, regions[i], i, io);
  }
  drop(io, 0, false);
}

void IoClient::send_region(const IoRequest& request, const IoRegion& where, unsigned number, Io& io) {
  const bool special = is_special(request.op);
  const sector_t at_once =
      special ? max_special_sectors(request.op, where.device->limits) : to_sectors(max_bio_bytes);
  if (at_once == 0) {
    atomic_inc(io.count);
    drop(io, number, true);
    return;
  }
  sector_t done = 0;
  // At least one bio: a region of no sectors is an empty flush.
  do {
    const sector_t sectors = std::min(at_once, where.count - done);
    Part& part = *parts_.take();
    part.io = &io;
    part.region = number;
    part.bio.init(*where.device, request.op, where.sector + done,
                  static_cast<std::uint32_t>(to_bytes(sectors)),
                  special || sectors == 0 ? nullptr : request.data + to_bytes(done), request.flags);
    part.bio.owner = &part;
    part.bio.end_io = [](Bio& bio) {
      Part& ended = *static_cast<Part*>(bio.owner);
      ended.io->client->part_ended(ended);
    };
    atomic_inc(io.count);
    done += sectors;
    submit_bio(part.bio);
  } while (done < where.count);
}

void IoClient::part_ended(Part& part) {
  Io& io = *part.io;
  const unsigned region = part.region;
  const bool failed = part.bio.status != BlockStatus::ok;
  // A caller that ignores the error must not see what the memory held before. The device may have advanced
  // the bio; what it did not read begins at bio.data.
  if (failed && part.bio.op == BioOp::read && part.bio.data != nullptr) {
    std::memset(part.bio.data, 0, part.bio.size);
  }
  parts_.give_back(&part);
  drop(io, region, failed);
}

// dec_count(): set_bit(), then atomic_dec_and_test(): the errors of all are there when the last one ends.
void IoClient::drop(Io& io, unsigned region, bool failed) {
  Runtime& runtime = layer_.runtime();
  if (failed) {
    runtime.fine_step(Point::flag, writes(&io.error_bits, region), "io error_bits");
    order::modify(&io.error_bits);
    const order::Unchecked atomic("set_bit()");
    io.error_bits |= 1UL << region;
  }
  runtime.fine_step(Point::atomic, counts_down(&io), "io count");
  if (!count_down(runtime, io.count)) return;
  const unsigned long errors = io.error_bits;
  const IoNotify notify = io.notify;
  void* const context = io.context;
  ios_.give_back(&io);
  notify(errors, context);
}

}  // namespace dmcore
