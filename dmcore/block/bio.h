// SPDX-License-Identifier: GPL-2.0-or-later
// struct bio: one block I/O.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "dmcore/kernel/errno.h"
#include "dmcore/kernel/list.h"
#include "dmcore/kernel/types.h"

namespace dmcore {

class BlockDevice;

// REQ_OP_*. A flush is a write without data that has bio_preflush set, as in the kernel.
enum class BioOp : std::uint8_t { read, write, discard, write_zeroes, secure_erase };
std::string_view bio_op_name(BioOp op);

// REQ_*: bits of Bio::flags.
enum BioFlag : std::uint16_t {
  bio_sync = 1U << 0,
  bio_meta = 1U << 1,
  bio_prio = 1U << 2,
  bio_fua = 1U << 3,       // the data are durable before it completes
  bio_preflush = 1U << 4,  // writes that completed before are durable before it starts
  bio_nomerge = 1U << 5,
  bio_nowait = 1U << 6,
  bio_nounmap = 1U << 7,  // write zeroes without deallocating blocks
  bio_idle = 1U << 8,
};

// blk_status_t: how a bio completed.
enum class BlockStatus : std::uint8_t {
  ok,
  notsupp,
  timeout,
  nospc,
  transport,
  target,
  nexus,
  medium,
  protection,
  resource,
  ioerr,
  dm_requeue,
  again
};
Errno to_errno(BlockStatus status);
BlockStatus to_block_status(Errno error);

// A bio is owned by the code that allocated it, and completed by one call of end_io for each submission. In
// between it belongs to the device that it was submitted to, which may change all fields but end_io and
// owner.
struct Bio {
  enum class State : std::uint8_t { idle, in_flight, completed };
  using EndIo = void (*)(Bio&);

  BlockDevice* device = nullptr;
  BioOp op = BioOp::read;
  State state = State::idle;
  BlockStatus status = BlockStatus::ok;
  std::uint16_t flags = 0;
  std::uint32_t size = 0;     // remaining bytes; 32 bits as in the kernel
  sector_t sector = 0;        // on `device`
  std::byte* data = nullptr;  // `size` bytes of the submitter, for reads and writes; else null

  // Called when the bio has completed, in any context: must not sleep. `owner` is for its use.
  EndIo end_io = nullptr;
  void* owner = nullptr;

  // bio_chain(): the number of parts that must complete before end_io is called; and the bio that this is a
  // part of.
  std::uint32_t chained = 0;
  Bio* parent = nullptr;

  Bio* next = nullptr;  // in a BioList
  // In the block layer's list of bios in flight.
  ListHook ledger_hook;

  [[nodiscard]] sector_t sectors() const { return size >> sector_shift; }
  [[nodiscard]] sector_t end_sector() const { return sector + sectors(); }
  [[nodiscard]] bool has(BioFlag flag) const { return (flags & flag) != 0; }
  // op_is_flush(): requests durability.
  [[nodiscard]] bool is_flush() const { return (flags & (bio_fua | bio_preflush)) != 0; }
  // bio_data_dir(): everything that is not a read counts as a write.
  [[nodiscard]] bool is_write() const { return op != BioOp::read; }
  [[nodiscard]] bool has_data() const { return size != 0 && (op == BioOp::read || op == BioOp::write); }

  // bio_init(), bio_reset(): initialises an idle bio. Does not touch what `data` points to.
  void init(BlockDevice& to, BioOp operation, sector_t at, std::uint32_t bytes, std::byte* buffer,
            std::uint16_t bio_flags = 0);
  // bio_advance(): drops the first `bytes`, which are done.
  void advance(std::uint32_t bytes);
};

// "write 8+16 on dm-0 fua", for reports.
std::string describe(const Bio& bio);

// struct bio_list: first in, first out, linked through Bio::next; a bio is on one list at most.
class BioList {
 public:
  [[nodiscard]] bool empty() const { return head_ == nullptr; }
  [[nodiscard]] Bio* front() const { return head_; }
  [[nodiscard]] std::size_t size() const;

  void add(Bio& bio);  // at the end
  void add_head(Bio& bio);
  Bio* pop();                  // null when empty
  void merge(BioList& other);  // moves all of other's bios to the end
  BioList take();              // returns all bios; the list is empty then

 private:
  Bio* head_ = nullptr;
  Bio* tail_ = nullptr;
};

}  // namespace dmcore
