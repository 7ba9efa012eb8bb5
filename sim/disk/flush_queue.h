// SPDX-License-Identifier: GPL-2.0-or-later
// How requests that want something durable are done on a device that has a volatile cache but cannot write
// through it (block/blk-flush.c).
//
// Such a request is up to three steps: a flush before, its data, a flush after (which stands for FUA). The
// flushes are shared: one is in flight at a time, and while it is, requests that need one gather for the
// next, so many requests cost two flushes.
#pragma once

#include <cstdint>

#include "dmcore/block/bio.h"
#include "dmcore/kernel/runtime.h"

namespace sim {

// What the queue must know of a request, which its owner derives from this.
struct FlushedRequest {
  bool preflush = false;  // steps still to be done
  bool data = false;
  bool postflush = false;
  dmcore::ListHook flush_hook;
};

class FlushQueue {
 public:
  // The device that the queue works for. send_flush() and send_data() begin something that flush_done() and
  // data_done() end, later. finish() ends a request for good; the queue does not touch it afterwards.
  class Device {
   public:
    virtual ~Device() = default;
    virtual void send_flush() = 0;
    virtual void send_data(FlushedRequest& request) = 0;
    virtual void finish(FlushedRequest& request, dmcore::BlockStatus status) = 0;
  };

  FlushQueue(dmcore::Runtime& runtime, Device& device) : runtime_(runtime), device_(device) {}

  // A request with its steps set, at least one of the flushes among them. Any context, as the rest.
  void insert(FlushedRequest& request);
  void data_done(FlushedRequest& request, dmcore::BlockStatus status);
  void flush_done(dmcore::BlockStatus status);

 private:
  using List = dmcore::LinkedList<FlushedRequest, &FlushedRequest::flush_hook>;
  // What a round of changes leads to. The device is told at the end, when the queue is in order again:
  // finishing a request may send the next one to this queue.
  struct Round {
    List data;
    bool flush = false;
    List finished;
  };

  void go_on(FlushedRequest& request, dmcore::BlockStatus status, Round& round);
  [[nodiscard]] bool may_flush() const;
  void end_round(Round& round, dmcore::BlockStatus status);

  dmcore::Runtime& runtime_;
  Device& device_;
  List waiting_;   // for the next flush
  List flushing_;  // for the one in flight
  bool flush_in_flight_ = false;
  unsigned data_in_flight_ = 0;
  std::uint64_t waiting_since_ = 0;  // jiffies
};

}  // namespace sim
