// SPDX-License-Identifier: GPL-2.0-or-later
// struct blk_plug: a task that submits several bios holds back the requests that they become, so that
// adjacent ones merge and all reach their devices together.
//
// Requests are held back by devices that have a request queue (block/blk-mq.c); bios of mapped devices pass
// through. The order in which a plug lets requests go is visible: the requests of a single device are issued
// last in, first out.
#pragma once

#include "dmcore/kernel/list.h"
#include "dmcore/kernel/runtime.h"

namespace dmcore {

class PluggedDevice;

// The part of struct request that a plug needs. Owned by its device.
struct PluggedRequest {
  PluggedDevice* device = nullptr;
  std::uint64_t bytes = 0;
  ListHook plug_hook;
};
using PluggedRequests =
    LinkedList<PluggedRequest, &PluggedRequest::plug_hook, boost::intrusive::cache_last<true>>;

// A device with a request queue. Neither function sleeps.
class PluggedDevice {
 public:
  // queue_rq(): starts the request.
  virtual void issue(PluggedRequest& request) = 0;
  // blk_mq_insert_requests() and an asynchronous run of the queue: a kblockd worker starts the requests,
  // which join those that wait for it already. Takes all of `requests`.
  virtual void insert(PluggedRequests& requests) = 0;

 protected:
  ~PluggedDevice() = default;
};

class Plug final : private SleepHook {
 public:
  // blk_start_plug(), for the current task. Has no effect within another plug of the task.
  explicit Plug(Runtime& runtime);
  Plug(const Plug&) = delete;
  Plug& operator=(const Plug&) = delete;
  // blk_finish_plug()
  ~Plug();

  // blk_add_rq_to_plug(). Before, it lets go what it holds if that is much.
  void add(PluggedRequest& request);

  // That of the current task; null if it has none.
  static Plug* of_current(Runtime& runtime) { return static_cast<Plug*>(runtime.current().plug); }

  // The only request that a bio for the device may merge with: the newest of the device, and of all, unless
  // the plug holds requests of several devices. Null if there is none.
  [[nodiscard]] PluggedRequest* newest_of(const PluggedDevice& device);

 private:
  void about_to_sleep() override { flush(true); }
  // blk_flush_plug(): lets all requests go. If the task is about to sleep, the devices' workers start them:
  // the task may hold what starting them needs.
  void flush(bool sleeps);
  void issue_all();
  void hand_over(bool sleeps);

  Runtime& runtime_;
  bool outermost_;
  PluggedRequests requests_;  // the newest first
  std::size_t count_ = 0;
  bool several_devices_ = false;
};

}  // namespace dmcore
