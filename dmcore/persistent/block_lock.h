// SPDX-License-Identifier: GPL-2.0-or-later
// The lock of one metadata block: struct block_lock of dm-block-manager.c, as a kernel with
// CONFIG_DM_DEBUG_BLOCK_MANAGER_LOCKING has it.
#pragma once

#include <array>
#include <cstdint>

namespace dmcore {

class Task;

// Many readers, at most `max_holders`, or one writer, each known by its task. The state only: whoever uses it
// waits.
class BlockLock {
 public:
  static constexpr std::size_t max_holders = 4;
  enum class Mode : std::uint8_t { read, write };

  // A task must not lock a block that it holds.
  [[nodiscard]] bool held_by(const Task& task) const;
  // Whether a task that comes now gets the lock. A waiting writer goes before readers.
  [[nodiscard]] bool available(Mode mode) const;
  void take(Mode mode, const Task& task);
  void release(const Task& task);

  [[nodiscard]] bool write_locked() const { return count_ < 0; }
  void writer_waits() { ++writers_waiting_; }
  void writer_got_it() { --writers_waiting_; }

 private:
  int count_ = 0;  // readers, or -1 for a writer
  unsigned writers_waiting_ = 0;
  std::array<const Task*, max_holders> holders_{};
};

}  // namespace dmcore
