// SPDX-License-Identifier: GPL-2.0-or-later
// I/O with many requests in flight, as libaio and the page cache's writeback do it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dmcore/kernel/wait.h"

#include "tests/suite/rig.h"

namespace suite {

// For one process. The device must stay while the queue is there.
class IoQueue {
 public:
  using Done = std::function<void(sector_t sector, std::span<const std::byte> data)>;

  // At most `depth` requests are in flight; who sends more sleeps.
  IoQueue(Rig& rig, const std::string& path, unsigned depth);
  // Waits for what is in flight.
  ~IoQueue();
  IoQueue(const IoQueue&) = delete;
  IoQueue& operator=(const IoQueue&) = delete;

  // At most 1 MiB each. What is read is handed to `done` by a later call.
  void write(sector_t sector, std::vector<std::byte> data);
  void read(sector_t sector, sector_t count, Done done);

  // Waits for all of it. Throws test::Failure if any of it failed.
  void drain();

 private:
  struct Slot {
    IoQueue* queue = nullptr;
    dmcore::Bio bio;
    std::vector<std::byte> data;
    sector_t sector = 0;
    Done done;
    bool busy = false;   // from submit() to retire()
    bool ended = false;  // set by the completion
  };

  Slot& free_slot();
  void wait_for_one();
  Slot* ended_slot();
  void submit(Slot& slot, dmcore::BioOp op, sector_t sector);
  void retire(Slot& slot);

  dmcore::BlockDevice& device_;
  std::string path_;
  std::vector<std::unique_ptr<Slot>> slots_;
  unsigned in_flight_ = 0;
  dmcore::WaitQueue ended_;
  dmcore::Status status_;
};

}  // namespace suite
