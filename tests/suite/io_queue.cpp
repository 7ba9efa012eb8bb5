// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/suite/io_queue.h"

#include "dmcore/block/block_layer.h"

namespace suite {

IoQueue::IoQueue(Rig& rig, const std::string& path, unsigned depth)
    : device_(rig.device(path)), path_(path), ended_(rig.runtime(), "I/O queue") {
  for (unsigned i = 0; i < depth; ++i) {
    Slot& slot = *slots_.emplace_back(std::make_unique<Slot>());
    slot.queue = this;
  }
}

IoQueue::Slot* IoQueue::ended_slot() {
  for (const auto& slot : slots_) {
    if (slot->busy && slot->ended) return slot.get();
  }
  return nullptr;
}

void IoQueue::retire(Slot& slot) {
  const Done done = std::exchange(slot.done, nullptr);
  slot.busy = false;
  --in_flight_;
  if (slot.bio.status != dmcore::BlockStatus::ok) {
    status_ = dmcore::to_errno(slot.bio.status);
  } else if (done) {
    done(slot.sector, slot.data);
  }
}

void IoQueue::wait_for_one() {
  ended_.wait_event([this] { return ended_slot() != nullptr; });
}

IoQueue::~IoQueue() {
  while (in_flight_ != 0 && !device_.layer().runtime().dying()) {
    wait_for_one();
    while (Slot* slot = ended_slot()) {
      slot->done = nullptr;
      retire(*slot);
    }
  }
}

IoQueue::Slot& IoQueue::free_slot() {
  if (in_flight_ == slots_.size()) wait_for_one();
  while (Slot* slot = ended_slot()) retire(*slot);
  for (const auto& slot : slots_) {
    if (!slot->busy) return *slot;
  }
  throw test::Failure("an I/O queue of depth 0");
}

void IoQueue::submit(Slot& slot, dmcore::BioOp op, sector_t sector) {
  slot.sector = sector;
  slot.busy = true;
  slot.ended = false;
  ++in_flight_;
  slot.bio.init(device_, op, sector, static_cast<std::uint32_t>(slot.data.size()), slot.data.data());
  slot.bio.owner = &slot;
  slot.bio.end_io = [](dmcore::Bio& bio) {
    Slot& ended = *static_cast<Slot*>(bio.owner);
    ended.ended = true;
    ended.queue->ended_.wake_all();
  };
  submit_bio(slot.bio);
}

void IoQueue::write(sector_t sector, std::vector<std::byte> data) {
  Slot& slot = free_slot();
  slot.data = std::move(data);
  submit(slot, dmcore::BioOp::write, sector);
}

void IoQueue::read(sector_t sector, sector_t count, Done done) {
  Slot& slot = free_slot();
  slot.data.resize(dmcore::to_bytes(count));
  slot.done = std::move(done);
  submit(slot, dmcore::BioOp::read, sector);
}

void IoQueue::drain() {
  while (in_flight_ != 0) {
    wait_for_one();
    while (Slot* slot = ended_slot()) retire(*slot);
  }
  test::check(std::exchange(status_, dmcore::Status()), "I/O to " + path_);
}

}  // namespace suite
