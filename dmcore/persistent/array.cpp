// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/array.h"

#include <algorithm>
#include <cstring>

#include "dmcore/persistent/validator_impl.h"

namespace dmcore {

namespace {

constexpr std::string_view log_prefix = "array";

class ArrayValidator final : public ChecksumValidator<ArrayBlockDisk> {
 public:
  constexpr ArrayValidator()
      : ChecksumValidator({"array", log_prefix, "array_block_check"}, array_csum_xor) {}

 private:
  Status check_contents(KernelLog& log, const ArrayBlockDisk& header,
                        std::size_t block_bytes) const override {
    if (header.value_size == 0) {
      if (log.ratelimit("array value_size"))
        log.err(log_prefix, "array_block_check failed: value_size is zero");
      return Errno::ilseq;
    }
    if (header.max_entries != array_max_entries(header.value_size, block_bytes)) {
      if (log.ratelimit("array max_entries")) {
        log.err(log_prefix, "array_block_check failed: max_entries {} invalid for value_size {}",
                header.max_entries.value(), header.value_size.value());
      }
      return Errno::ilseq;
    }
    if (header.nr_entries > header.max_entries) {
      if (log.ratelimit("array nr_entries"))
        log.err(log_prefix, "array_block_check failed: too many entries");
      return Errno::ilseq;
    }
    return {};
  }
};

const BlockValidator& array_validator() {
  static constinit const ArrayValidator validator;
  return validator;
}

}  // namespace

DiskArray::DiskArray(TransactionManager& transactions)
    : transactions_(transactions),
      pointers_(*this),
      blocks_(transactions, pointers_),
      max_entries_(array_max_entries(sizeof(le64), transactions.block_bytes())) {}

// --- array blocks as values of the tree ------------------------------------------------------------------

void DiskArray::Pointers::inc(const std::byte* values, std::uint32_t count) const {
  const auto* blocks = reinterpret_cast<const le64*>(values);
  for (std::uint32_t i = 0; i < count; ++i) array_.transactions_.inc(blocks[i]);
}

void DiskArray::Pointers::dec(const std::byte* values, std::uint32_t count) const {
  const auto* blocks = reinterpret_cast<const le64*>(values);
  for (std::uint32_t i = 0; i < count; ++i) dec_block(blocks[i]);
}

void DiskArray::Pointers::dec_block(block_t block) const {
  KernelLog& log = array_.transactions_.log();
  const Result<std::uint32_t> count = array_.transactions_.count(block);
  if (!count.ok()) {
    if (log.ratelimit("array ref count"))
      log.err(log_prefix, "couldn't get reference count for block {}", block);
    return;
  }
  if (*count == 1) {
    // The last reference. The kernel decrements what the values refer to, which is nothing here; but like the
    // kernel this reads the block.
    Result<BlockRef> locked = array_.lock_block(block);
    if (!locked.ok()) {
      if (log.ratelimit("array last reference")) log.err(log_prefix, "couldn't get array block {}", block);
      return;
    }
    locked->unlock();
  }
  array_.transactions_.dec(block);
}

bool DiskArray::Pointers::equal(const std::byte* a, const std::byte* b) const {
  return std::memcmp(a, b, sizeof(le64)) == 0;
}

// --- one block -------------------------------------------------------------------------------------------

Result<BlockRef> DiskArray::with_value_size(BlockRef block, std::string_view function) {
  const std::uint32_t value_size = ArrayBlock(block).header().value_size;
  if (value_size == sizeof(le64)) return block;
  if (transactions_.log().ratelimit(function)) {
    transactions_.log().err(log_prefix, "{} failed: value_size {} != wanted {}", function, value_size,
                            sizeof(le64));
  }
  return Errno::ilseq;
}

Result<BlockRef> DiskArray::lock_block(block_t block) {
  DMCORE_TRY_ASSIGN(BlockRef locked, transactions_.read_lock(block, array_validator()));
  return with_value_size(std::move(locked), "get_ablock");
}

Result<BlockRef> DiskArray::shadow_block(block_t& root, std::uint32_t index) {
  DMCORE_TRY_ASSIGN(const block_t block, blocks_.lookup<le64>(root, index));
  DMCORE_TRY_ASSIGN(auto shadow, transactions_.shadow_block(block, array_validator()));
  DMCORE_TRY_ASSIGN(BlockRef locked, with_value_size(std::move(shadow.block), "__shadow_ablock"));
  if (locked.location() == block) return locked;
  // shadow_block() has dropped a reference to the original, but the tree still refers to it and drops its own
  // when the entry is overwritten. (If that fails the kernel leaves the block locked.)
  transactions_.inc(block);
  DMCORE_TRY(insert_block(root, index, locked));
  return locked;
}

Result<BlockRef> DiskArray::new_block() {
  DMCORE_TRY_ASSIGN(BlockRef block, transactions_.new_block(array_validator()));
  ArrayBlockDisk& header = ArrayBlock(block).header();
  header.max_entries = max_entries_;
  header.nr_entries = 0;
  header.value_size = sizeof(le64);
  return block;
}

Status DiskArray::insert_block(block_t& root, std::uint32_t index, const BlockRef& block) {
  return blocks_.insert(root, index, le64(block.location()));
}

void DiskArray::fill(const BlockRef& block, std::uint32_t new_entries, std::uint64_t value) const {
  const ArrayBlock array_block(block);
  for (std::uint32_t i = array_block.nr_entries(); i < new_entries; ++i) array_block[i] = value;
  array_block.header().nr_entries = new_entries;
}

Status DiskArray::append_filled(block_t& root, std::uint32_t index, std::uint32_t entries,
                                std::uint64_t value) {
  DMCORE_TRY_ASSIGN(const BlockRef block, new_block());
  fill(block, entries, value);
  return insert_block(root, index, block);
}

Status DiskArray::extend_last(block_t& root, std::uint32_t index, std::uint32_t entries,
                              std::uint64_t value) {
  DMCORE_TRY_ASSIGN(const BlockRef block, shadow_block(root, index));
  // BUG_ON() in the kernel. The old size that the caller gave is wrong, or the metadata is damaged.
  if (ArrayBlock(block).nr_entries() > entries) return Errno::inval;
  fill(block, entries, value);
  return {};
}

// --- the array -------------------------------------------------------------------------------------------

Result<block_t> DiskArray::create(std::uint32_t size, const Values& values) {
  DMCORE_TRY_ASSIGN(block_t root, create_empty());
  for (std::uint32_t index = 0; index * std::uint64_t{max_entries_} < size; ++index) {
    const std::uint32_t base = index * max_entries_;
    const std::uint32_t entries = std::min(max_entries_, size - base);
    DMCORE_TRY_ASSIGN(const BlockRef block, new_block());
    const ArrayBlock array_block(block);
    for (std::uint32_t i = 0; i < entries; ++i) {
      DMCORE_TRY_ASSIGN(array_block[i], values(base + i));
    }
    array_block.header().nr_entries = entries;
    DMCORE_TRY(insert_block(root, index, block));
  }
  return root;
}

Status DiskArray::resize(block_t& root, std::uint32_t old_size, std::uint32_t new_size, std::uint64_t value) {
  if (old_size == new_size) return {};
  block_t new_root = root;
  if (new_size > old_size) {
    DMCORE_TRY(grow(new_root, extent(old_size), extent(new_size), value));
  } else {
    DMCORE_TRY(shrink(new_root, extent(old_size), extent(new_size)));
  }
  root = new_root;
  return {};
}

Status DiskArray::grow(block_t& root, Extent from, Extent to, std::uint64_t value) {
  if (to.full_blocks == from.full_blocks) {
    if (from.last_entries != 0) return extend_last(root, from.full_blocks, to.last_entries, value);
    return append_filled(root, to.full_blocks, to.last_entries, value);
  }
  if (from.last_entries != 0) DMCORE_TRY(extend_last(root, from.full_blocks, max_entries_, value));
  for (std::uint32_t i = from.nr_blocks(); i < to.full_blocks; ++i) {
    DMCORE_TRY(append_filled(root, i, max_entries_, value));
  }
  return to.last_entries != 0 ? append_filled(root, to.full_blocks, to.last_entries, value) : Status();
}

// A partial last block of which no entry is left is kept if all full blocks are kept, as in the kernel.
Status DiskArray::shrink(block_t& root, Extent from, Extent to) {
  if (to.full_blocks < from.full_blocks) {
    for (std::uint32_t i = to.nr_blocks(); i < from.nr_blocks(); ++i) DMCORE_TRY(blocks_.remove(root, i));
  }
  if (to.last_entries == 0) return {};
  DMCORE_TRY_ASSIGN(const BlockRef block, shadow_block(root, to.full_blocks));
  // BUG_ON() in the kernel, as above.
  if (ArrayBlock(block).nr_entries() < to.last_entries) return Errno::inval;
  ArrayBlock(block).header().nr_entries = to.last_entries;
  return {};
}

Result<std::uint64_t> DiskArray::get(block_t root, std::uint32_t index) {
  DMCORE_TRY_ASSIGN(const block_t location, blocks_.lookup<le64>(root, index / max_entries_));
  DMCORE_TRY_ASSIGN(const BlockRef block, lock_block(location));
  const ArrayBlock array_block(block);
  if (index % max_entries_ >= array_block.nr_entries()) return Errno::nodata;
  return array_block[index % max_entries_];
}

Status DiskArray::set(block_t& root, std::uint32_t index, std::uint64_t value) {
  DMCORE_TRY_ASSIGN(const BlockRef block, shadow_block(root, index / max_entries_));
  const ArrayBlock array_block(block);
  if (index % max_entries_ >= array_block.nr_entries()) return Errno::nodata;
  array_block[index % max_entries_] = value;
  return {};
}

Status DiskArray::walk(block_t root, const std::function<Status(std::uint64_t, std::uint64_t)>& visit) {
  return blocks_.walk(root, [&](std::uint64_t index, const std::byte* value) -> Status {
    DMCORE_TRY_ASSIGN(const BlockRef block, lock_block(*reinterpret_cast<const le64*>(value)));
    const ArrayBlock array_block(block);
    for (std::uint32_t i = 0; i < array_block.nr_entries(); ++i) {
      DMCORE_TRY(visit(index * max_entries_ + i, array_block[i]));
    }
    return {};
  });
}

// --- the cursor ------------------------------------------------------------------------------------------

Status DiskArrayCursor::begin(block_t root) {
  DMCORE_TRY(
      array_.transactions().log().explain(cursor_.begin(root), log_prefix, "couldn't create btree cursor"));
  return load_block();
}

void DiskArrayCursor::end() {
  block_.unlock();
  cursor_.end();
}

Status DiskArrayCursor::load_block() {
  block_.unlock();
  index_ = 0;
  const Status status = lock_current_block();
  if (!status.ok()) cursor_.end();
  return status;
}

Status DiskArrayCursor::lock_current_block() {
  KernelLog& log = array_.transactions().log();
  DMCORE_TRY_ASSIGN(const auto entry,
                    log.explain(cursor_.get(), log_prefix, "dm_btree_cursor_get_value failed"));
  DMCORE_TRY_ASSIGN(block_, log.explain(array_.lock_block(entry.value), log_prefix, "get_ablock failed"));
  return {};
}

Status DiskArrayCursor::next() {
  if (!block_) return Errno::nodata;
  if (++index_ < ArrayBlock(block_).nr_entries()) return {};
  DMCORE_TRY(cursor_.next());
  return load_block();
}

}  // namespace dmcore
