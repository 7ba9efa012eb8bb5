// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/clone_bench.h"

#include <fmt/format.h>
#include <stdexcept>

#include "dmcore/dm/dm.h"

#include "sim/language/parser.h"

namespace bench {

CloneMachine::CloneMachine(const Shape& shape)
    : shape_(shape),
      interpreter_(machine_, {.directory = {}, .save_directory = {}, .echo = false},
                   [this](std::string_view line) { output_ += fmt::format("{}\n", line); }) {
  command(fmt::format("disk meta {}\ndisk dest {}s\ndisk source {}s", shape.metadata_size, shape.sectors,
                      shape.sectors));
}

std::string CloneMachine::command(const std::string& text) {
  const sim::language::ParseResult parsed = sim::language::parse_scenario(text);
  if (!parsed.ok()) throw std::runtime_error(text + ": " + parsed.diagnostics.front().message);
  output_.clear();
  interpreter_.run(parsed.scenario.commands);
  for (const std::string_view failure : {"error ", "exit ", "log: "}) {
    if (output_.find(failure) != std::string::npos) throw std::runtime_error(text + "\n" + output_);
  }
  return output_;
}

void CloneMachine::create() {
  command(fmt::format("dmsetup create clone --table '0 {} clone /dev/meta /dev/dest /dev/source {} {} {}'",
                      shape_.sectors, shape_.region_sectors, shape_.features, shape_.core_arguments));
}

void CloneMachine::fill(const std::string& disk) {
  sim::Store& store = machine_.disk(disk)->store();
  const std::vector<std::byte> data(1 << 20, std::byte{0x5a});
  for (std::uint64_t at = 0; at < store.size(); at += data.size()) {
    const std::size_t bytes = std::min<std::uint64_t>(data.size(), store.size() - at);
    if (!store.write(at, {data.data(), bytes}).ok()) throw std::runtime_error("the disk cannot be filled");
  }
}

dmcore::BlockDevice& CloneMachine::clone() {
  return *machine_.dm().devices().by_name("clone")->md;
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
  if (failed_ != 0) throw std::runtime_error(fmt::format("{} bios failed", failed_));
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
