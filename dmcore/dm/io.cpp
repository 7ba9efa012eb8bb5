// SPDX-License-Identifier: GPL-2.0-or-later
// Submission of a bio to a mapped device: splitting at target boundaries, cloning and mapping.
//
// submit() maps a clone of the first piece of the original, and resubmits the original, now the remainder, to
// this device: the bios for lower devices go first, and the length of a bio needs no stack space. The
// original completes when all its pieces have.
#include "dmcore/dm/io.h"

#include <algorithm>
#include <limits>

#include "dmcore/dm/dm.h"
#include "dmcore/dm/mapped_device.h"
#include "dmcore/kernel/order.h"

namespace dmcore {

namespace {

// is_abnormal_io(): bios that change blocks without data, of which a target gets as many copies as it wants.
bool is_abnormal(BioOp op) {
  return op != BioOp::read && op != BioOp::write;
}

unsigned bios_wanted(const Target& target, BioOp op) {
  switch (op) {
    case BioOp::discard:
      return target.num_discard_bios;
    case BioOp::secure_erase:
      return target.num_secure_erase_bios;
    case BioOp::write_zeroes:
      return target.num_write_zeroes_bios;
    default:
      return 1;
  }
}

// blk_chunk_sectors_left(): the distance from `offset` to the next multiple of `chunk`.
sector_t left_in_chunk(sector_t offset, std::uint32_t chunk) {
  return is_power_of_2(chunk) ? chunk - (offset & (chunk - 1)) : chunk - offset % chunk;
}

sector_t left_in_target(const Target& target, sector_t sector) {
  return target.len() - target.target_sector(sector);
}

// max_io_len(): the maximum length of a read or write at `sector`.
sector_t max_length(const Target& target, sector_t sector, const QueueLimits& limits) {
  const sector_t left = left_in_target(target, sector);
  if (target.max_io_len == 0) return left;
  return std::min(
      {left, sector_t{limits.max_sectors}, left_in_chunk(target.target_sector(sector), target.max_io_len)});
}

// bio_split_discard() of block/blk-merge.c: after how many sectors a discard (or secure erase) is split, so
// that later parts are aligned to the granularity; 0: not at all.
sector_t discard_cut(const Bio& bio, const QueueLimits& limits) {
  const std::uint32_t granularity = std::max(limits.discard_granularity >> sector_shift, 1U);
  const auto longest_bio = static_cast<std::uint32_t>(
      to_sectors(round_down(std::numeric_limits<std::uint32_t>::max(), limits.logical_block_size)));
  std::uint32_t max = std::min(limits.max_discard_sectors, longest_bio);
  max -= max % granularity;
  if (max == 0 || bio.sectors() <= max) return 0;
  const sector_t over =
      (bio.sector + max - (limits.discard_alignment >> sector_shift) % granularity) % granularity;
  return max > over ? max - over : max;
}

sector_t cut_for_limits(const Bio& bio, const QueueLimits& limits) {
  if (bio.op != BioOp::write_zeroes) return discard_cut(bio, limits);
  return bio.sectors() > limits.max_write_zeroes_sectors ? limits.max_write_zeroes_sectors : 0;
}

// bio_split_to_limits(): splits off the first part that the limits allow; the remainder is resubmitted.
Bio& split_to_limits(Bio& bio, const QueueLimits& limits) {
  const sector_t cut = cut_for_limits(bio, limits);
  if (cut == 0) return bio;
  Bio& part = split_bio(bio, cut);
  part.flags |= bio_nomerge;
  submit_bio(bio);
  return part;
}

// Records which part of the original this piece is, unless it is all of it.
void note_part(MappedIo& io, sector_t sectors) {
  const sector_t left = io.original->sectors();
  if (left <= sectors) return;
  io.was_split = true;
  io.sectors = sectors;
  io.offset_from_end = left;
}

}  // namespace

void MappedDevice::submit(Bio& bio) {
  LiveTable table(*this);
  if (!table) [[unlikely]] {
    if (kernel().log().ratelimit("dm_submit_bio")) {
      kernel().log().err(core_log_prefix, "{}: mapping table unavailable, erroring io", device_name_);
    }
    bio_io_error(bio);
    return;
  }
  if (flags_.test(DeviceFlag::block_io_for_suspend)) [[unlikely]] {
    if (bio.has(bio_nowait)) {
      end_bio(bio, BlockStatus::again);
    } else {
      queue_io(bio);
    }
    return;
  }
  if (has(Defect::table_let_go_early)) table.let_go();
  split_and_process(*table, bio);
}

void MappedDevice::split_and_process(Table& table, Bio& submitted) {
  Bio& bio = is_abnormal(submitted.op) ? split_to_limits(submitted, limits) : submitted;
  MappedIo& io = alloc_io(bio);
  BlockStatus error = BlockStatus::ok;
  if (bio.has(bio_preflush)) {
    // Data of the bio are sent when all targets have flushed: io_complete().
    send_flush(table, io);
  } else {
    const Piece piece = send_piece(table, io);
    error = piece.error;
    if (error == BlockStatus::ok && piece.mapped < bio.sectors()) {
      bio.advance(static_cast<std::uint32_t>(to_bytes(piece.mapped)));
      atomic_inc(bio.chained);
      submit_bio(bio);
    }
  }
  io_dec_pending(io, error);
}

// __split_and_process_bio(): sends the first piece.
MappedDevice::Piece MappedDevice::send_piece(Table& table, MappedIo& io) {
  const Bio& bio = *io.original;
  Target* target = table.find_target(bio.sector);
  if (target == nullptr) [[unlikely]]
    return {BlockStatus::ioerr};
  if (bio.has(bio_nowait) && (target->type->features & TargetType::nowait) == 0) [[unlikely]] {
    return {BlockStatus::notsupp};
  }
  const unsigned copies = bios_wanted(*target, bio.op);
  // The limits of the device may be those of an older table.
  if (copies == 0) [[unlikely]]
    return {BlockStatus::notsupp};
  about_to_read_limits();
  const sector_t longest =
      is_abnormal(bio.op) ? left_in_target(*target, bio.sector) : max_length(*target, bio.sector, limits);
  Piece piece{BlockStatus::ok, std::min(bio.sectors(), longest)};
  note_part(io, piece.mapped);
  // The target may accept less.
  send_copies(io, *target, bio, copies, &piece.mapped);
  return piece;
}

// __send_empty_flush(): as many copies to each target as it wants.
void MappedDevice::send_flush(Table& table, MappedIo& io) {
  const std::uint16_t idle = bio_idle | bio_sync;
  const bool is_idle = (io.original->flags & idle) == idle;
  Bio pattern;
  pattern.init(*this, BioOp::write, 0, 0, nullptr,
               static_cast<std::uint16_t>(bio_preflush | bio_sync | (is_idle ? bio_idle : 0)));
  for (std::size_t i = 0; i < table.target_count(); ++i) {
    Target& target = table.target(i);
    send_copies(io, target, pattern, target.num_flush_bios, nullptr);
  }
}

// All copies are allocated before the first is mapped, which may complete it.
void MappedDevice::send_copies(MappedIo& io, Target& target, const Bio& pattern, unsigned copies,
                               sector_t* accepted) {
  if (copies == 1) {
    map_clone(alloc_clone(io, target, pattern, 0, accepted));
    return;
  }
  BioList clones;
  for (unsigned nr = 0; nr < copies; ++nr) {
    TargetIo& clone = alloc_clone(io, target, pattern, nr, accepted);
    clone.is_duplicate = true;
    clones.add(clone);
  }
  while (Bio* clone = clones.pop()) map_clone(static_cast<TargetIo&>(*clone));
}

MappedIo& MappedDevice::alloc_io(Bio& bio) {
  MappedIo& io = *ios_.take();
  io.md = this;
  io.original = &bio;
  io.pending = 1;
  pending_io_.inc();
  return io;
}

// alloc_tio(): the first clone is the embedded one, which is a clone of the original and not of the pattern,
// as in the kernel.
TargetIo& MappedDevice::alloc_clone(MappedIo& io, Target& target, const Bio& pattern, unsigned nr,
                                    sector_t* accepted) {
  const bool embedded = !io.embedded_used;
  io.embedded_used = true;
  TargetIo& clone = embedded ? io.embedded : *clones_.take();
  const Bio& source = embedded ? *io.original : pattern;
  const std::uint32_t bytes = accepted != nullptr ? static_cast<std::uint32_t>(to_bytes(*accepted)) : 0;
  clone.init(*this, source.op, source.sector, bytes, source.data, source.flags);
  clone.end_io = [](Bio& bio) {
    auto& ended = static_cast<TargetIo&>(bio);
    ended.io->md->clone_ended(ended);
  };
  clone.io = &io;
  clone.target = &target;
  clone.accepted = accepted;
  clone.target_bio_nr = nr;
  clone.inside_io = embedded;
  target.table().bio_begins();
  atomic_inc(io.pending);
  return clone;
}

void MappedDevice::free_clone(TargetIo& clone) {
  clone.target->table().bio_ends();
  if (!clone.inside_io) clones_.give_back(&clone);
}

void MappedDevice::map_clone(TargetIo& clone) {
  MappedIo& io = *clone.io;
  Target& target = *clone.target;
  begin_bio(clone);
  const MapResult result = target.map(clone);
  switch (result) {
    case MapResult::submitted:
      // The clone may have completed, but not the original: the submission holds it.
      if (!target.accounts_remapped_io) account(io);
      break;
    case MapResult::remapped:
      account(io);
      submit_bio(clone);
      break;
    case MapResult::kill:
    case MapResult::requeue:
      withdraw_bio(clone);
      free_clone(clone);
      io_dec_pending(io, result == MapResult::kill ? BlockStatus::ioerr : BlockStatus::dm_requeue);
      break;
  }
}

// dm_start_io_acct(): counts the piece in the statistics, once. Bio-based devices do not count flushes.
void MappedDevice::account(MappedIo& io) {
  if (io.accounted) return;
  io.accounted = true;
  const Bio& bio = *io.original;
  if (is_flush_with_data(bio)) return;
  const sector_t sectors = io.was_split ? io.sectors : bio.sectors();
  switch (bio.op) {
    case BioOp::read:
      counters.read_sectors += sectors;
      break;
    case BioOp::discard:
      counters.discarded_sectors += sectors;
      break;
    default:
      counters.written_sectors += sectors;
      break;
  }
}

}  // namespace dmcore
