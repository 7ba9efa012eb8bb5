// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/block/bio.h"

#include <algorithm>
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

namespace {

// block/blk-core.c: blk_errors[]. DM_REQUEUE never leaves device-mapper.
struct BlockError {
  BlockStatus status;
  Errno error;
};
constexpr std::array block_errors{
    BlockError{BlockStatus::ok, Errno::ok},
    BlockError{BlockStatus::notsupp, Errno::opnotsupp},
    BlockError{BlockStatus::timeout, Errno::timedout},
    BlockError{BlockStatus::nospc, Errno::nospc},
    BlockError{BlockStatus::transport, Errno::nolink},
    BlockError{BlockStatus::target, Errno::remoteio},
    BlockError{BlockStatus::nexus, Errno::bade},
    BlockError{BlockStatus::medium, Errno::nodata},
    BlockError{BlockStatus::protection, Errno::ilseq},
    BlockError{BlockStatus::resource, Errno::nomem},
    BlockError{BlockStatus::again, Errno::again},
};

}  // namespace

Errno to_errno(BlockStatus status) {
  const auto* const known = std::find_if(block_errors.begin(), block_errors.end(),
                                         [&](const BlockError& entry) { return entry.status == status; });
  return known != block_errors.end() ? known->error : Errno::io;
}

BlockStatus to_block_status(Errno error) {
  const auto* const known = std::find_if(block_errors.begin(), block_errors.end(),
                                         [&](const BlockError& entry) { return entry.error == error; });
  return known != block_errors.end() ? known->status : BlockStatus::ioerr;
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

BioList BioList::take() {
  return std::exchange(*this, BioList{});
}

}  // namespace dmcore
