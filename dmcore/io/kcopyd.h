// SPDX-License-Identifier: GPL-2.0-or-later
// kcopyd: copies ranges of sectors from one device to others asynchronously (drivers/md/dm-kcopyd.c).
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "dmcore/io/dm_io.h"
#include "dmcore/io/kcopyd_buffers.h"
#include "dmcore/io/kcopyd_throttle.h"
#include "dmcore/kernel/atomic.h"
#include "dmcore/kernel/workqueue.h"

namespace dmcore {

// Bits of a copy's `flags`: DM_KCOPYD_*, which are bit numbers in the kernel.
enum KcopydFlag : unsigned {
  // Continues with the rest of the copy after an error, which is still reported.
  kcopyd_ignore_error = 1U << 1,
  // Writes the destinations sequentially. Errors are then not ignored.
  kcopyd_write_seq = 1U << 2,
};

// struct dm_kcopyd_client. All steps of its jobs and all its notifications run one after another on its work
// queue "kcopyd". The destructor only frees memory: call destroy() first.
class KcopydClient {
 public:
  // DM_KCOPYD_MAX_REGIONS.
  static constexpr std::size_t max_destinations = 8;
  // A copy longer than a sub-job is done by this many concurrent sub-jobs (SPLIT_COUNT) of the sub-job size,
  // in sectors: 512 KiB, the default of the module parameter kcopyd_subjob_size_kb.
  static constexpr unsigned split_count = 8;
  static constexpr sector_t sub_job_size = 1024;

  // dm_kcopyd_notify_fn. `read_error`: the source failed. `write_errors`: bit i is set if destination i
  // failed; all bits are, if the copy was given up before writing. Called by the client's worker, without
  // locks held, one at a time: it may sleep, which delays all other copies of the client, and must not
  // destroy the client.
  using Notify = void (*)(bool read_error, unsigned long write_errors, void* context);

  // `throttle` may be shared by several clients, or null: no throttling. Both must outlive the client.
  KcopydClient(BlockLayer& layer, KcopydThrottle* throttle);
  KcopydClient(const KcopydClient&) = delete;
  KcopydClient& operator=(const KcopydClient&) = delete;
  ~KcopydClient();

  // dm_kcopyd_copy(): copies `from` to each of `to` (at most max_destinations), whose counts equal
  // from.count. Only queues the copy: the I/O is submitted by the worker. A copy of no sectors just notifies.
  // The devices must stay until the notification. Allocates memory with GFP_NOIO: process or worker context,
  // no spin lock held.
  void copy(const IoRegion& from, std::span<const IoRegion> to, unsigned flags, Notify notify, void* context);

  // dm_kcopyd_zero(): zeroes each of `to`, with write-zeroes if all devices support it, else by writing
  // zeroes.
  void zero(std::span<const IoRegion> to, unsigned flags, Notify notify, void* context);

  // dm_kcopyd_prepare_callback(): a job without I/O. Its notification is called by the worker after
  // do_callback(); destroy() waits for it. Process context.
  [[nodiscard]] void* prepare_callback(Notify notify, void* context);
  // dm_kcopyd_do_callback(). Any context. The job must not be used afterwards.
  void do_callback(void* job, bool read_error, unsigned long write_errors);

  // dm_kcopyd_client_flush(): waits until the worker has done what it was woken for before the call. Sleeps.
  void flush();
  // dm_kcopyd_client_destroy(): waits until all jobs have notified. No copy may be started afterwards.
  // Sleeps.
  void destroy();

  // Copies and callbacks that have not notified, plus the sub-jobs in flight.
  [[nodiscard]] unsigned long jobs() const { return nr_jobs_.read(); }
  [[nodiscard]] KcopydBuffers& buffers() { return buffers_; }

 private:
  struct Job;
  struct JobGroup;
  class Jobs;
  struct Lists;
  enum class Step : std::uint8_t { done, not_yet, failed };

  JobGroup& take_group();
  [[nodiscard]] Job& take_job();
  void free_job(Job& job);
  void check_that_none_is_in_use() const;
  void start(const IoRegion* from, std::span<const IoRegion> to, unsigned flags, Notify notify,
             void* context);
  void dispatch(Job& job);
  void split(Job& master);
  static void segment_complete(bool read_error, unsigned long write_errors, void* context);
  // A part of a master job: an offset and a length in sectors.
  struct Segment {
    sector_t begin;
    sector_t sectors;
  };
  // Records the result of a segment and claims the next one; no sectors if all are claimed.
  static Segment claim_segment(Job& master, bool read_error, unsigned long write_errors);
  void begin_segment(Job& sub_job, Segment segment);
  bool was_last_part(Job& master) const;

  void wake();
  void do_work();
  // process_jobs(): takes jobs off a list and runs a step of each, until the list is empty or a job cannot
  // proceed.
  void process(Jobs& jobs, Step (KcopydClient::*step)(Job&));
  Step run_complete_job(Job& job);
  Step run_pages_job(Job& job);
  Step run_io_job(Job& job);
  static void notify_early(Job& job);
  void io_ended(Job& job, unsigned long error_bits);

  void push(Jobs& jobs, Job& job);
  void push_and_wake(Jobs& jobs, Job& job, bool wakes);
  void push_front(Jobs& jobs, Job& job);
  Job* pop(Jobs& jobs);

  Runtime& runtime_;
  const Defects& defects_;
  const Fixes& fixes_;
  KcopydThrottle* throttle_;
  IoClient io_;
  KcopydBuffers buffers_;
  WorkQueue queue_;
  WorkItem work_;
  WaitQueue destroy_queue_;
  Atomic<unsigned long> nr_jobs_;

  SpinLock lock_;  // protects the lists (job_lock)
  std::unique_ptr<Lists> lists_;

  std::deque<std::unique_ptr<JobGroup>> groups_;
  std::vector<JobGroup*> free_groups_;
  TaskQueue job_waiters_;
};

}  // namespace dmcore
