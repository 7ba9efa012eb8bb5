// SPDX-License-Identifier: GPL-2.0-or-later
// The lock of a metadata block: struct block_lock of dm-block-manager.c with
// CONFIG_DM_DEBUG_BLOCK_MANAGER_LOCKING.
#pragma once

#include <array>
#include <cstdint>

#include "dmcore/kernel/order.h"

namespace dmcore {

class Task;

// At most `max_holders` readers, or one writer, each identified by its task. The state only: BlockManager
// waits.
class BlockLock {
 public:
  static constexpr std::size_t max_holders = 4;
  enum class Mode : std::uint8_t { read, write };

  // Taking a lock twice is not allowed.
  [[nodiscard]] bool held_by(const Task& task) const;
  // Whether the lock can be taken now. New readers wait behind a waiting writer.
  [[nodiscard]] bool available(Mode mode) const;
  void take(Mode mode, const Task& task);
  void release(const Task& task);

  [[nodiscard]] bool write_locked() const { return count_ < 0; }
  void writer_waits() { writers_waiting_ = writers_waiting_ + 1; }
  void writer_got_it() { writers_waiting_ = writers_waiting_ - 1; }

 private:
  int count_ = 0;  // number of readers; -1: a writer
  Racy<unsigned> writers_waiting_ = 0;
  std::array<const Task*, max_holders> holders_{};
};

}  // namespace dmcore
