// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/btree_node.h"

#include <algorithm>
#include <cstring>

#include "dmcore/persistent/validator_impl.h"

namespace dmcore {

namespace {

class NodeValidator final : public ChecksumValidator<BtreeNodeHeaderDisk> {
 public:
  constexpr NodeValidator() : ChecksumValidator({"btree_node", log_prefix, "node_check"}, btree_csum_xor) {}

 private:
  static constexpr std::string_view log_prefix = "btree spine";

  static Status bad(KernelLog& log, std::string_view why) {
    if (log.ratelimit(why)) log.err(log_prefix, "node_check failed: {}", why);
    return Errno::ilseq;
  }

  Status check_contents(KernelLog& log, const BtreeNodeHeaderDisk& header,
                        std::size_t block_bytes) const override {
    const std::size_t entry_bytes = sizeof(le64) + std::size_t{header.value_size};
    if (sizeof(header) + entry_bytes * header.max_entries > block_bytes)
      return bad(log, "max_entries too large");
    if (header.nr_entries > header.max_entries) return bad(log, "too many entries");
    if ((header.flags & (btree_internal_node | btree_leaf_node)) == 0) {
      return bad(log, "node is neither INTERNAL or LEAF");
    }
    return {};
  }
};

}  // namespace

const BlockValidator& btree_node_validator() {
  static constinit const NodeValidator validator;
  return validator;
}

std::uint32_t btree_max_entries(std::size_t value_size, std::size_t block_bytes) {
  const std::size_t fit = (block_bytes - sizeof(BtreeNodeHeaderDisk)) / (sizeof(le64) + value_size);
  return static_cast<std::uint32_t>(fit / 3 * 3);
}

void BtreeNode::init(std::uint32_t flags, std::uint32_t max_entries, std::uint32_t value_size) {
  header().flags = flags;
  header().nr_entries = 0;
  header().max_entries = max_entries;
  header().value_size = value_size;
}

void BtreeNode::copy_from(const BtreeNode& other) {
  std::copy(other.bytes_.begin(), other.bytes_.end(), bytes_.begin());
}

block_t BtreeNode::child(std::uint32_t index) const {
  return reinterpret_cast<const le64*>(values())[index];
}

void BtreeNode::set_child(std::uint32_t index, block_t block) {
  reinterpret_cast<le64*>(value(index))[0] = block;
}

std::span<const le64> BtreeNode::children() const {
  return {reinterpret_cast<const le64*>(values()), nr_entries()};
}

int BtreeNode::search(std::uint64_t key, bool want_high) const {
  int low = -1;
  int high = static_cast<int>(nr_entries());
  while (high - low > 1) {
    const int middle = low + (high - low) / 2;
    const std::uint64_t middle_key = keys()[middle];
    if (middle_key == key) return middle;
    (middle_key < key ? low : high) = middle;
  }
  return want_high ? high : low;
}

bool BtreeNode::holds(int index, std::uint64_t wanted) const {
  return index >= 0 && static_cast<std::uint32_t>(index) < nr_entries() &&
         key(static_cast<std::uint32_t>(index)) == wanted;
}

Status BtreeNode::insert_at(KernelLog& log, std::uint32_t index, std::uint64_t key,
                            std::span<const std::byte> value) {
  const std::uint32_t nr = nr_entries();
  if (index > nr || index >= max_entries() || nr >= max_entries()) {
    return log.fail(Errno::nomem, btree_log_prefix, "too many entries in btree node for insert");
  }
  // By the size of the caller's value, not that in the header, as in the kernel: in a valid node they are
  // equal.
  std::byte* place = values() + value.size() * index;
  std::memmove(keys() + index + 1, keys() + index, (nr - index) * sizeof(le64));
  std::memmove(place + value.size(), place, (nr - index) * value.size());
  keys()[index] = key;
  std::copy(value.begin(), value.end(), place);
  set_nr_entries(nr + 1);
  return {};
}

Status BtreeNode::insert_child_at(KernelLog& log, std::uint32_t index, std::uint64_t key, block_t child) {
  const le64 value(child);
  return insert_at(log, index, key, std::as_bytes(std::span(&value, 1)));
}

void BtreeNode::delete_at(std::uint32_t index) {
  const std::uint32_t nr = nr_entries();
  move_entries(index, *this, index + 1, nr - (index + 1));
  set_nr_entries(nr - 1);
}

void BtreeNode::move_entries(std::uint32_t to, const BtreeNode& from, std::uint32_t from_index,
                             std::uint32_t count) {
  std::memmove(keys() + to, from.keys() + from_index, count * sizeof(le64));
  std::memmove(value(to), from.value(from_index), std::size_t{count} * value_size());
}

}  // namespace dmcore
