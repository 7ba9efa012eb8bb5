// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/clone_bench.h"

#include <fmt/format.h>

#include "tests/rig/failure.h"

namespace bench {

void CloneMachine::hydrate_by_discard() {
  machine.run([this] {
    clone.discard(0, clone.shape().sectors);
    clone.flush();
  });
}

void fill(sim::VirtualDisk& disk) {
  const std::vector<std::byte> data(1 << 20, std::byte{0x5a});
  for (std::uint64_t at = 0; at < disk.store().size(); at += data.size()) {
    const std::size_t bytes = std::min<std::uint64_t>(data.size(), disk.store().size() - at);
    test::check(disk.poke(at, {data.data(), bytes}), "filling a disk");
  }
}

Load::Load(sim::Machine& machine, dmcore::BlockDevice& device, unsigned depth, std::uint32_t bytes_max)
    : machine_(machine), device_(device), slots_(depth), ended_(machine.runtime(), "load") {
  for (Slot& slot : slots_) {
    slot.data.resize(bytes_max, std::byte{0x11});
    free_.push_back(&slot);
  }
}

void Load::run(std::uint64_t count, const std::function<Io()>& next) {
  machine_.run([&] { submit_all(count, next); });
  if (failed_ != 0) throw test::Failure(fmt::format("{} bios failed", failed_));
}

void Load::submit_all(std::uint64_t count, const std::function<Io()>& next) {
  for (std::uint64_t i = 0; i < count; ++i) {
    if (free_.empty()) ended_.wait_event([this] { return !free_.empty(); });
    Slot& slot = *free_.back();
    free_.pop_back();
    const Io io = next();
    const bool has_data = io.op == dmcore::BioOp::read || io.op == dmcore::BioOp::write;
    slot.bio.init(device_, io.op, io.sector, io.bytes, has_data ? slot.data.data() : nullptr, io.flags);
    slot.bio.owner = this;
    slot.bio.end_io = [](dmcore::Bio& bio) {
      Load& load = *static_cast<Load*>(bio.owner);
      if (bio.status != dmcore::BlockStatus::ok) ++load.failed_;
      // The bio is the slot's first member.
      load.free_.push_back(reinterpret_cast<Slot*>(&bio));
      if (load.ended_.has_sleeper()) load.ended_.wake_all();
    };
    submit_bio(slot.bio);
  }
  ended_.wait_event([this] { return free_.size() == slots_.size(); });
}

}  // namespace bench
