// SPDX-License-Identifier: GPL-2.0-or-later
// A simulated disk, which behaves like Linux's loop device on a tmpfs file (drivers/block/loop.c; a request
// queue with 128 tags and no scheduler).
//
// Modelled: latency and bandwidth, I/O errors, the limit of requests in flight, plugs and merging of
// requests, and the flushes of a disk that has a volatile write cache. Not modelled: the content of the
// cache: writes are in the store at once. A WriteRecorder sees what a power cut could lose.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "dmcore/block/block_layer.h"
#include "dmcore/kernel/wait.h"

#include "sim/disk/durability.h"
#include "sim/disk/fault_map.h"
#include "sim/disk/flush_queue.h"
#include "sim/disk/media_observer.h"
#include "sim/disk/request.h"
#include "sim/disk/silence.h"
#include "sim/disk/write_recorder.h"
#include "sim/store/host_error.h"
#include "sim/store/store.h"

namespace sim {

// In virtual time. If all are zero a request completes as soon as the tasks before it have run, but never
// before submit() returns.
struct DiskTiming {
  dmcore::Duration read_latency{0};   // per request, after its transfer
  dmcore::Duration write_latency{0};  // also of discards and write-zeroes
  dmcore::Duration flush_latency{0};
  // One pipe for reads and writes, one after the other; 0: unlimited.
  std::uint64_t bytes_per_second = 0;
};

struct DiskOptions {
  std::uint32_t logical_block_size = 512;
  bool discard = true;
  // discard_max_bytes: a multiple of 4096; 0: unlimited.
  std::uint64_t discard_max_bytes = 0;
  bool read_only = false;
  // Whether writes are durable only after a flush. Without it, the disk gets no flushes.
  bool volatile_cache = true;
  // The maximum number of requests in flight; submitters wait for a tag. The number is visible: FUA writes
  // keep their tags until they are durable, so that many of them cost one flush for each so many.
  unsigned tags = 128;
  DiskTiming timing{};
};

class VirtualDisk final : public dmcore::BlockDevice,
                          private dmcore::PluggedDevice,
                          private FlushQueue::Device {
 public:
  VirtualDisk(dmcore::BlockLayer& layer, dmcore::DevT dev, std::string name, std::unique_ptr<Store> store,
              const DiskOptions& options = {});
  // No I/O may be in flight.
  ~VirtualDisk() override;

  void submit(dmcore::Bio& bio) override;

  [[nodiscard]] Store& store() { return *store_; }
  // For requests that are sent later. What comes at a time, or ends a silence, needs set_faults().
  [[nodiscard]] FaultMap& faults() { return faults_; }
  // Instead of those that are there. Any context; also before the machine runs.
  void set_faults(FaultMap faults);
  // Whether the disk is silent and something waits for it.
  [[nodiscard]] bool holds_back() const { return silence_.held() != 0; }
  // For requests that start later.
  void set_timing(const DiskTiming& timing) { options_.timing = timing; }
  [[nodiscard]] const DiskTiming& timing() const { return options_.timing; }
  // Sees the medium from now on. May be null. Not owned. To be called while no request is in flight.
  void set_media_observer(MediaObserver* observer) { media_ = observer; }
  // From now on the disk records what a power cut may leave of it: its media observer is a Durability of its
  // own.
  void record_durability();
  // Null if it does not.
  [[nodiscard]] Durability* durability() { return durability_.get(); }
  // May be null. Not owned.
  void set_recorder(WriteRecorder* recorder) { recorder_ = recorder; }
  // Collects errors of the store, which are I/O errors for the machine. May be null. Not owned.
  void set_host_errors(HostErrors* errors) { host_errors_ = errors; }

  // What the disk was made with, and its timing now.
  [[nodiscard]] const DiskOptions& options() const { return options_; }
  // Takes its content out of a disk that is not used any more.
  [[nodiscard]] std::unique_ptr<Store> take_store() { return std::move(store_); }

  // Overwrites stored bytes directly: not counted and not recorded. EINVAL beyond the end.
  dmcore::Status poke(std::uint64_t offset, std::span<const std::byte> bytes);

  // Requests in flight.
  [[nodiscard]] std::size_t in_flight() const { return requests_.size() - free_requests_.size(); }

 private:
  friend struct Request;

  [[nodiscard]] dmcore::sector_t sectors_at_once(const dmcore::Bio& bio) const;
  void begin(dmcore::Bio& bio);
  [[nodiscard]] bool merges(dmcore::Bio& bio);
  template <class Object>
  void about_to_change(const Object& object, const char* name);
  bool get_tag(const dmcore::Bio& bio);
  Request& take_request();
  void send(Request& request);
  void decide_fate(Request& request);
  void rot();
  [[nodiscard]] dmcore::Access transfer_access(const Request& request) const;
  [[nodiscard]] dmcore::Access ending(const Request& request) const;
  [[nodiscard]] dmcore::Access covering(const Request& request) const;
  [[nodiscard]] dmcore::Time pass_pipe(const Request& request);
  void run_queue();
  // The steps of a request.
  void requeued(Request& request);
  void request_done(Request& request);
  void request_completed(Request& request);
  [[nodiscard]] dmcore::BlockStatus transfer(const Request& request);
  [[nodiscard]] dmcore::Status access_store(const Request& request);
  // Reports an error of the store; false if there is one.
  [[nodiscard]] bool stored(dmcore::Status status);
  void account(const Request& request);
  void record(const Request& request);
  void end(Request& request, dmcore::BlockStatus status);
  template <class Use>
  static void for_each_range(const Request& request, Use use);

  // dmcore::PluggedDevice
  void issue(dmcore::PluggedRequest& request) override { send(static_cast<Request&>(request)); }
  void insert(dmcore::PluggedRequests& requests) override;

  // FlushQueue::Device
  void send_flush(FlushQueue::List& served) override;
  void send_data(FlushedRequest& request) override;
  void finish(FlushedRequest& request, dmcore::BlockStatus status) override;
  void flush_requeued();
  void cache_flushed();
  void flush_completed();

  dmcore::Runtime& runtime_;
  DiskOptions options_;
  std::unique_ptr<Store> store_;
  FaultMap faults_;
  Silence silence_;
  dmcore::Event rot_;
  WriteRecorder* recorder_ = nullptr;
  MediaObserver* media_ = nullptr;
  std::unique_ptr<Durability> durability_;
  HostErrors* host_errors_ = nullptr;
  dmcore::PluggedRequests queue_;  // the software queue: requests that wait for a kblockd worker
  dmcore::Event queue_run_;
  FlushQueue flush_queue_;
  dmcore::Event flush_requeued_;
  dmcore::Event flush_completed_;
  dmcore::Event flush_done_;
  FaultMap::Flush flush_fate_ = FaultMap::Flush::works;  // of the one in flight
  dmcore::BlockStatus flush_status_ = dmcore::BlockStatus::ok;
  MediaObserver::Moment flush_covers_ = 0;         // the flush in flight: writes that ended before
  std::vector<MediaObserver::WriteId> flush_own_;  // and those with FUA that wait for it
  dmcore::Time pipe_free_at_{0};
  dmcore::WaitQueue tag_waiters_;
  std::deque<Request> requests_;
  // To be used again. Not a MemPool: when a request ends, its own event is running.
  std::vector<Request*> free_requests_;
};

}  // namespace sim
