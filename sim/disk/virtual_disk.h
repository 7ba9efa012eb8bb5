// SPDX-License-Identifier: GPL-2.0-or-later
// A simulated disk: to the block layer it is Linux's loop device over a file in memory (drivers/block/loop.c,
// a request queue with 128 tags and no scheduler).
//
// What it models: a volatile write cache that flushes empty, time, sectors that fail, and that only so many
// requests are in flight. What it does not: requests are never merged.
#pragma once

#include <memory>
#include <string>

#include "dmcore/block/block_layer.h"
#include "dmcore/kernel/mempool.h"
#include "dmcore/kernel/wait.h"

#include "sim/disk/fault_map.h"
#include "sim/disk/flush_queue.h"
#include "sim/disk/write_recorder.h"
#include "sim/store/host_error.h"
#include "sim/store/store.h"

namespace sim {

// How long things take, in the machine's time. All zero: as soon as everybody else has had a turn, but never
// before submit() has returned.
struct DiskTiming {
  dmcore::Duration read_latency{0};   // per request, from the end of its transfer
  dmcore::Duration write_latency{0};  // also of discards and write-zeroes
  dmcore::Duration flush_latency{0};
  // One pipe that reads and writes go through, each after the one before; 0: infinitely wide.
  std::uint64_t bytes_per_second = 0;
};

struct DiskOptions {
  std::uint32_t logical_block_size = 512;
  bool discard = true;
  // Bytes of one discard at most, in multiples of 4096; 0: as many as a request can have. For what writing to
  // discard_max_bytes does.
  std::uint64_t discard_max_bytes = 0;
  bool read_only = false;
  // How many requests are in flight at most; who sends more sleeps. It shows: a flood of FUA writes, which
  // hold their tags until they are durable, costs one flush for each so many.
  unsigned tags = 128;
  DiskTiming timing{};
};

class VirtualDisk final : public dmcore::BlockDevice, private FlushQueue::Device {
 public:
  VirtualDisk(dmcore::BlockLayer& layer, dmcore::DevT dev, std::string name, std::unique_ptr<Store> store,
              const DiskOptions& options = {});
  // No I/O may be in flight.
  ~VirtualDisk() override;

  void submit(dmcore::Bio& bio) override;

  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] FaultMap& faults() { return faults_; }
  // For requests sent from now on.
  void set_timing(const DiskTiming& timing) { timing_ = timing; }
  [[nodiscard]] const DiskTiming& timing() const { return timing_; }
  // Null: nobody watches. Not owned.
  void set_recorder(WriteRecorder* recorder) { recorder_ = recorder; }
  // Where errors of the store are told, which the machine sees as I/O errors. Null: nowhere. Not owned.
  void set_host_errors(HostErrors* errors) { host_errors_ = errors; }

  // Changes bytes at rest, behind everyone's back: nothing is counted or recorded. EINVAL beyond the end.
  dmcore::Status poke(std::uint64_t offset, std::span<const std::byte> bytes);

  // Requests in flight.
  [[nodiscard]] std::size_t in_flight() const { return requests_.out(); }

 private:
  // One bio's way through the disk.
  struct Request : FlushedRequest {
    Request()
        : requeued("kblockd", dmcore::TaskKind::worker, [this] { disk->send(*this); }),
          completed("disk completion", dmcore::TaskKind::softirq, [this] { disk->request_completed(*this); }),
          done("disk I/O", dmcore::TaskKind::softirq, [this] { disk->request_done(*this); }) {}
    VirtualDisk* disk = nullptr;
    dmcore::Bio* bio = nullptr;
    bool flushed = false;    // goes through the flush queue
    dmcore::Event requeued;  // for a request of the flush queue
    dmcore::Event completed;
    dmcore::Event done;
    dmcore::BlockStatus status = dmcore::BlockStatus::ok;
  };

  [[nodiscard]] dmcore::sector_t sectors_at_once(const dmcore::Bio& bio) const;
  void begin(dmcore::Bio& bio);
  bool get_tag(const dmcore::Bio& bio);
  void send(Request& request);
  [[nodiscard]] dmcore::Time pass_pipe(const dmcore::Bio& bio);
  void request_done(Request& request);
  void request_completed(Request& request);
  [[nodiscard]] dmcore::BlockStatus transfer(const dmcore::Bio& bio);
  [[nodiscard]] dmcore::Status access_store(const dmcore::Bio& bio);
  // False, and the error is told, if the store failed.
  [[nodiscard]] bool stored(dmcore::Status status);
  void account(dmcore::Bio& bio);
  void record(const dmcore::Bio& bio);
  void end(Request& request, dmcore::BlockStatus status);

  // FlushQueue::Device
  void send_flush() override;
  void send_data(FlushedRequest& request) override;
  void finish(FlushedRequest& request, dmcore::BlockStatus status) override;
  void flush_requeued();
  void cache_flushed();
  void flush_completed();

  dmcore::Runtime& runtime_;
  std::unique_ptr<Store> store_;
  DiskTiming timing_;
  FaultMap faults_;
  WriteRecorder* recorder_ = nullptr;
  HostErrors* host_errors_ = nullptr;
  FlushQueue flush_queue_;
  dmcore::Event flush_requeued_;
  dmcore::Event flush_completed_;
  dmcore::Event flush_done_;
  dmcore::BlockStatus flush_status_ = dmcore::BlockStatus::ok;
  dmcore::Time pipe_free_at_{0};
  unsigned tags_;
  dmcore::WaitQueue tag_waiters_;
  dmcore::MemPool<Request> requests_;
};

}  // namespace sim
