// SPDX-License-Identifier: GPL-2.0-or-later
// A store that fails as a file of the host does when its file system is full or its medium is bad.
#pragma once

#include <memory>
#include <string>

#include "sim/store/memory_store.h"

namespace test {

class FailingStore final : public sim::Store {
 public:
  FailingStore(std::uint64_t size_bytes, std::string name) : beneath_(size_bytes), name_(std::move(name)) {}

  // Those that are not ok are what the operations end with.
  dmcore::Status on_read;
  dmcore::Status on_write;  // of a write that leaves the first `room_bytes` of the store
  dmcore::Status on_sync;
  std::uint64_t room_bytes = 0;

  [[nodiscard]] std::uint64_t size() const override { return beneath_.size(); }
  [[nodiscard]] std::string_view name() const override { return name_; }
  dmcore::Status read(std::uint64_t offset, std::span<std::byte> out) const override {
    return on_read.ok() ? beneath_.read(offset, out) : on_read;
  }
  dmcore::Status write(std::uint64_t offset, std::span<const std::byte> data) override {
    if (!on_write.ok() && offset + data.size() > room_bytes) return on_write;
    return beneath_.write(offset, data);
  }
  dmcore::Status discard(std::uint64_t offset, std::uint64_t length) override {
    return beneath_.discard(offset, length);
  }
  dmcore::Status sync() override { return on_sync; }
  [[nodiscard]] dmcore::Result<std::optional<Extent>> next_extent(std::uint64_t offset) const override {
    return beneath_.next_extent(offset);
  }

 private:
  sim::MemoryStore beneath_;
  std::string name_;
};

}  // namespace test
