// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/persistent/block_lock.h"

#include <algorithm>

#include "dmcore/kernel/order.h"

namespace dmcore {

bool BlockLock::held_by(const Task& task) const {
  const order::Unchecked locked("by the spin lock of struct block_lock");
  return std::find(holders_.begin(), holders_.end(), &task) != holders_.end();
}

bool BlockLock::available(Mode mode) const {
  const order::Unchecked locked("by the spin lock of struct block_lock");
  if (mode == Mode::write) return count_ == 0;
  return count_ >= 0 && count_ < static_cast<int>(max_holders) && writers_waiting_ == 0;
}

void BlockLock::take(Mode mode, const Task& task) {
  const order::Unchecked locked("by the spin lock of struct block_lock");
  order::serialise(this);
  count_ = mode == Mode::write ? -1 : count_ + 1;
  *std::find(holders_.begin(), holders_.end(), nullptr) = &task;
}

void BlockLock::release(const Task& task) {
  const order::Unchecked locked("by the spin lock of struct block_lock");
  order::serialise(this);
  // The holder is not found if another task took the lock, which is a bug; the count stays correct.
  const auto it = std::find(holders_.begin(), holders_.end(), &task);
  if (it != holders_.end()) *it = nullptr;
  count_ = write_locked() ? 0 : count_ - 1;
}

}  // namespace dmcore
