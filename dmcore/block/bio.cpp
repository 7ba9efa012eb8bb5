// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/block/bio.h"

#include <fmt/format.h>
#include <utility>

#include "dmcore/block/block_device.h"

namespace dmcore {

std::string_view bio_op_name(BioOp op) {
  switch (op) {
    case BioOp::read:
      return "read";
    case BioOp::write:
      return "write";
    case BioOp::discard:
      return "discard";
    case BioOp::write_zeroes:
      return "write zeroes";
    case BioOp::secure_erase:
      return "secure erase";
  }
  return "?";
}

// block/blk-core.c: blk_errors[].
Errno to_errno(BlockStatus status) {
  switch (status) {
    case BlockStatus::ok:
      return Errno::ok;
    case BlockStatus::notsupp:
      return Errno::opnotsupp;
    case BlockStatus::timeout:
      return Errno::timedout;
    case BlockStatus::nospc:
      return Errno::nospc;
    case BlockStatus::transport:
      return Errno::nolink;
    case BlockStatus::target:
      return Errno::remoteio;
    case BlockStatus::nexus:
      return Errno::bade;
    case BlockStatus::medium:
      return Errno::nodata;
    case BlockStatus::protection:
      return Errno::ilseq;
    case BlockStatus::resource:
      return Errno::nomem;
    case BlockStatus::again:
      return Errno::again;
    case BlockStatus::dm_requeue:  // never leaves device-mapper
    case BlockStatus::ioerr:
      return Errno::io;
  }
  return Errno::io;
}

BlockStatus to_block_status(Errno error) {
  switch (error) {
    case Errno::ok:
      return BlockStatus::ok;
    case Errno::opnotsupp:
      return BlockStatus::notsupp;
    case Errno::timedout:
      return BlockStatus::timeout;
    case Errno::nospc:
      return BlockStatus::nospc;
    case Errno::nolink:
      return BlockStatus::transport;
    case Errno::remoteio:
      return BlockStatus::target;
    case Errno::bade:
      return BlockStatus::nexus;
    case Errno::nodata:
      return BlockStatus::medium;
    case Errno::ilseq:
      return BlockStatus::protection;
    case Errno::nomem:
      return BlockStatus::resource;
    case Errno::again:
      return BlockStatus::again;
    default:
      return BlockStatus::ioerr;
  }
}

void Bio::init(BlockDevice& to, BioOp operation, sector_t at, std::uint32_t bytes, std::byte* buffer,
               std::uint16_t bio_flags) {
  device = &to;
  op = operation;
  state = State::idle;
  status = BlockStatus::ok;
  flags = bio_flags;
  size = bytes;
  sector = at;
  data = buffer;
  end_io = nullptr;
  owner = nullptr;
  chained = 0;
  parent = nullptr;
  next = nullptr;
}

void Bio::advance(std::uint32_t bytes) {
  sector += bytes >> sector_shift;
  size -= bytes;
  if (data != nullptr) data += bytes;
}

std::string describe(const Bio& bio) {
  const std::string_view device =
      bio.device != nullptr ? std::string_view(bio.device->name()) : "a device that is gone";
  if (bio.has(bio_preflush) && bio.size == 0) return fmt::format("flush of {}", device);
  return fmt::format("{} {}+{} on {}{}{}", bio_op_name(bio.op), bio.sector, bio.sectors(), device,
                     bio.has(bio_preflush) ? " preflush" : "", bio.has(bio_fua) ? " fua" : "");
}

std::size_t BioList::size() const {
  std::size_t count = 0;
  for (const Bio* bio = head_; bio != nullptr; bio = bio->next) ++count;
  return count;
}

void BioList::add(Bio& bio) {
  bio.next = nullptr;
  if (tail_ != nullptr) {
    tail_->next = &bio;
  } else {
    head_ = &bio;
  }
  tail_ = &bio;
}

void BioList::add_head(Bio& bio) {
  bio.next = head_;
  head_ = &bio;
  if (tail_ == nullptr) tail_ = &bio;
}

Bio* BioList::pop() {
  Bio* bio = head_;
  if (bio == nullptr) return nullptr;
  head_ = bio->next;
  if (head_ == nullptr) tail_ = nullptr;
  bio->next = nullptr;
  return bio;
}

void BioList::merge(BioList& other) {
  if (other.head_ == nullptr) return;
  if (tail_ != nullptr) {
    tail_->next = other.head_;
  } else {
    head_ = other.head_;
  }
  tail_ = other.tail_;
  other.head_ = other.tail_ = nullptr;
}

void BioList::merge_head(BioList& other) {
  other.merge(*this);
  *this = other.take();
}

BioList BioList::take() {
  return std::exchange(*this, BioList{});
}

}  // namespace dmcore
