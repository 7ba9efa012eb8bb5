// SPDX-License-Identifier: GPL-2.0-or-later
// Completion of clones and originals, and bios that are requeued or deferred.
#include <utility>

#include "dmcore/dm/dm.h"
#include "dmcore/dm/io.h"
#include "dmcore/dm/mapped_device.h"
#include "dmcore/kernel/order.h"

namespace dmcore {

void MappedDevice::clone_ended(TargetIo& clone) {
  BlockStatus error = clone.status;
  MappedIo& io = *clone.io;
  if (has(Defect::counted_down_early) && !std::exchange(io.counted_down, true)) one_bio_less();
  if (error == BlockStatus::target) [[unlikely]] {
    // The device below turned out not to support it.
    about_to_change_limits();
    if (clone.op == BioOp::discard && clone.device->limits.max_discard_sectors == 0)
      limits.max_discard_sectors = 0;
    if (clone.op == BioOp::write_zeroes && clone.device->limits.max_write_zeroes_sectors == 0) {
      limits.max_write_zeroes_sectors = 0;
    }
  }
  if (clone.target->has_end_io) {
    // In flight again: the target may keep the bio and resubmit it, even from another task before end_io()
    // returns.
    begin_bio(clone);
    const EndIoResult result = clone.target->end_io(clone, error);
    if (result == EndIoResult::incomplete) return;
    withdraw_bio(clone);
    if (result == EndIoResult::requeue) error = BlockStatus::dm_requeue;
  }
  free_clone(clone);
  io_dec_pending(io, error);
}

void MappedDevice::io_dec_pending(MappedIo& io, BlockStatus error) {
  Runtime& runtime = kernel().runtime();
  if (error != BlockStatus::ok) [[unlikely]] {
    // A requeue takes precedence over errors.
    runtime.fine_step(Point::atomic, writes(&io.status), "io status");
    order::serialise(&io.status);
    const order::Unchecked locked("by io->lock");
    const bool pushed_back = io.status == BlockStatus::dm_requeue && noflush_suspending();
    if (!pushed_back) io.status = error;
  }
  runtime.step(Point::atomic, counts_down(&io), "io_count");
  // If the original was split, only a part is requeued: a work item allocates a bio for it.
  const bool is_last =
      has(Defect::pending_torn) ? count_down_torn(runtime, &io, io.pending) : count_down(runtime, io.pending);
  if (is_last) io_complete(io, io.was_split);
}

void MappedDevice::io_complete(MappedIo& io, bool first_stage) {
  const bool requeued = io.status == BlockStatus::dm_requeue && handle_requeue(io, first_stage);
  if (requeued && first_stage) return;
  Bio& bio = *io.original;
  const BlockStatus status = io.status;
  if (status == BlockStatus::ok) account(io);
  const bool ends_first = has(Defect::ended_before_freed) && !requeued && !is_flush_with_data(bio);
  if (ends_first) {
    end_bio(bio, status);
    kernel().runtime().fine_step(Point::atomic, writes(&ios_), "dm_io pool");
  }
  const bool counted_down = io.counted_down;
  ios_.give_back(&io);
  smp_wmb();
  if (!counted_down) one_bio_less();
  if (requeued || ends_first) return;
  if (is_flush_with_data(bio)) {
    // The flush has completed, with whatever status; now the data.
    bio.flags &= static_cast<std::uint16_t>(~bio_preflush);
    queue_io(bio);
  } else {
    end_bio(bio, status);
  }
}

void MappedDevice::one_bio_less() {
  pending_io_.dec();
  if (pending_queue_.has_sleeper()) [[unlikely]]
    pending_queue_.wake_all();
}

// dm_handle_requeue(): keeps the original until the device resumes, or the piece for the second stage. If
// that is not possible now, returns false with an error in io.status.
bool MappedDevice::handle_requeue(MappedIo& io, bool first_stage) {
  {
    IrqSpinGuard guard(deferred_lock_);
    if (first_stage) {
      io.next = requeue_list_;
      requeue_list_ = &io;
    } else if (noflush_suspending()) {
      deferred_.add_head(*io.original);
    } else {
      io.status = BlockStatus::ioerr;
      return false;
    }
  }
  work_queue_.queue(first_stage ? requeue_work_ : deferred_work_);
  return true;
}

// dm_wq_requeue_work(): the second stage, for pieces of split bios.
void MappedDevice::requeue_split_parts() {
  MappedIo* io = nullptr;
  {
    IrqSpinGuard guard(deferred_lock_);
    std::swap(io, requeue_list_);
  }
  while (io != nullptr) {
    MappedIo* next = io->next;
    rewind(*io);
    io_complete(*io, false);
    io = next;
  }
}

// dm_io_rewind(): allocates a bio for the part of the original that this piece is. Its completion replaces
// that of the piece.
void MappedDevice::rewind(MappedIo& io) {
  Bio& original = *io.original;
  const sector_t begin = original.end_sector() - io.offset_from_end;
  const auto back = static_cast<std::ptrdiff_t>(to_bytes(original.sector - begin));
  Bio& part = layer().take_bio();
  part.init(*original.device, original.op, begin, static_cast<std::uint32_t>(to_bytes(io.sectors)),
            original.data != nullptr ? original.data - back : nullptr, original.flags);
  part.parent = &original;
  begin_bio(part);
  io.original = &part;
  io.was_split = false;
}

// ---- Deferred bios ----

void MappedDevice::queue_io(Bio& bio) {
  {
    IrqSpinGuard guard(deferred_lock_);
    deferred_.add(bio);
  }
  work_queue_.queue(deferred_work_);
}

// dm_wq_work().
void MappedDevice::submit_deferred() {
  while (!flags_.test(DeviceFlag::block_io_for_suspend)) {
    Bio* bio = nullptr;
    {
      IrqSpinGuard guard(deferred_lock_);
      bio = deferred_.pop();
    }
    if (bio == nullptr) return;
    submit_bio(*bio);
  }
}

}  // namespace dmcore
