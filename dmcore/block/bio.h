// SPDX-License-Identifier: GPL-2.0-or-later
// A bio: one block I/O on its way. What everything in the block world is made of.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "dmcore/kernel/errno.h"
#include "dmcore/kernel/list.h"
#include "dmcore/kernel/types.h"

namespace dmcore {

class BlockDevice;

// REQ_OP_*. A flush is a write without data that has `preflush` set, as in the kernel's bios.
enum class BioOp : std::uint8_t { read, write, discard, write_zeroes, secure_erase };
std::string_view bio_op_name(BioOp op);

// REQ_*: bits of Bio::flags.
enum BioFlag : std::uint16_t {
  bio_sync = 1U << 0,
  bio_meta = 1U << 1,
  bio_prio = 1U << 2,
  bio_fua = 1U << 3,       // durable before it completes
  bio_preflush = 1U << 4,  // what completed before is durable before this begins
  bio_nomerge = 1U << 5,
  bio_nowait = 1U << 6,
  bio_nounmap = 1U << 7,  // write zeroes without deallocating
  bio_idle = 1U << 8,
};

// blk_status_t: how a bio ended.
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

// Whoever allocates a bio owns it, and gets it back when end_io is called (exactly once for each submission).
// Between, the bio belongs to the device that it was submitted to, which may change every field but end_io
// and owner.
struct Bio {
  enum class State : std::uint8_t { idle, in_flight, completed };
  using EndIo = void (*)(Bio&);

  BlockDevice* device = nullptr;
  BioOp op = BioOp::read;
  State state = State::idle;
  BlockStatus status = BlockStatus::ok;
  std::uint16_t flags = 0;
  std::uint32_t size = 0;  // bytes still to be done; at most 2^32 - 1 as in the kernel
  sector_t sector = 0;     // on `device`
  std::byte* data =
      nullptr;  // `size` bytes for reads and writes; null for the rest. Belongs to the submitter.

  // Called when the I/O has ended; any context, so it must not sleep. `owner` is for its use.
  EndIo end_io = nullptr;
  void* owner = nullptr;

  // bio_chain(): this many more completions (parts split off) before end_io; and whose part this is.
  std::uint32_t chained = 0;
  Bio* parent = nullptr;

  Bio* next = nullptr;  // in a BioList
  // In flight, on the block layer's ledger. Followed by a note of who has it, for reports.
  ListHook ledger_hook;

  [[nodiscard]] sector_t sectors() const { return size >> sector_shift; }
  [[nodiscard]] sector_t end_sector() const { return sector + sectors(); }
  [[nodiscard]] bool has(BioFlag flag) const { return (flags & flag) != 0; }
  // op_is_flush(): wants something durable.
  [[nodiscard]] bool is_flush() const { return (flags & (bio_fua | bio_preflush)) != 0; }
  // bio_data_dir(): everything that is not a read counts as a write.
  [[nodiscard]] bool is_write() const { return op != BioOp::read; }
  [[nodiscard]] bool has_data() const { return size != 0 && (op == BioOp::read || op == BioOp::write); }

  // Makes an idle bio a new one. Does not touch `data`'s content.
  void init(BlockDevice& to, BioOp operation, sector_t at, std::uint32_t bytes, std::byte* buffer,
            std::uint16_t bio_flags = 0);
  // bio_advance(): forgets the first `bytes`, which are done.
  void advance(std::uint32_t bytes);
};

// "write 8+16 to 253:0 fua", for reports.
std::string describe(const Bio& bio);

// A first-in first-out list of bios, linked through Bio::next; a bio is on one list at most.
class BioList {
 public:
  [[nodiscard]] bool empty() const { return head_ == nullptr; }
  [[nodiscard]] Bio* front() const { return head_; }
  [[nodiscard]] std::size_t size() const;

  void add(Bio& bio);  // at the end
  void add_head(Bio& bio);
  Bio* pop();                  // null when empty
  void merge(BioList& other);  // takes all of other's bios, to the end
  BioList take();              // leaves this one empty

 private:
  Bio* head_ = nullptr;
  Bio* tail_ = nullptr;
};

}  // namespace dmcore
