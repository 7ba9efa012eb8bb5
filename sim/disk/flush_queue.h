// SPDX-License-Identifier: GPL-2.0-or-later
// The flush machinery: flush and FUA requests on a device with a volatile write cache and without FUA
// (block/blk-flush.c).
//
// Such a request has up to three steps: preflush, data, postflush (instead of FUA). Only one flush is in
// flight at a time, and meanwhile requests queue up for the next one, so that many requests share two
// flushes.
#pragma once

#include <cstdint>

#include "dmcore/block/bio.h"
#include "dmcore/kernel/runtime.h"

namespace sim {

// The base class of requests.
struct FlushedRequest {
  bool preflush = false;  // remaining steps
  bool data = false;
  bool postflush = false;
  dmcore::ListHook flush_hook;
};

class FlushQueue {
 public:
  using List = dmcore::LinkedList<FlushedRequest, &FlushedRequest::flush_hook>;

  // send_flush() and send_data() start I/O, whose completion is reported, later, by flush_done() and
  // data_done(). One flush serves all the requests of its list. finish() completes a request, which the queue
  // does not use afterwards.
  class Device {
   public:
    virtual ~Device() = default;
    virtual void send_flush(List& served) = 0;
    virtual void send_data(FlushedRequest& request) = 0;
    virtual void finish(FlushedRequest& request, dmcore::BlockStatus status) = 0;
  };

  FlushQueue(dmcore::Runtime& runtime, Device& device) : runtime_(runtime), device_(device) {}

  // Adds a request with its steps set, at least one of which is a flush. Any context, like all functions.
  void insert(FlushedRequest& request);
  void data_done(FlushedRequest& request, dmcore::BlockStatus status);
  void flush_done(dmcore::BlockStatus status);

 private:
  // What is to be called on the device at the end, when the state of the queue is consistent: finish() may
  // insert a new request.
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
