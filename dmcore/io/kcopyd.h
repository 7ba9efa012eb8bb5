// SPDX-License-Identifier: GPL-2.0-or-later
// kcopyd: copies ranges of sectors from one device to others in the background, and says when it is done
// (drivers/md/dm-kcopyd.c).
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

// Bits of a copy's `flags` (DM_KCOPYD_*, there bit numbers).
enum KcopydFlag : unsigned {
  // Goes on with the rest of the copy after an error, which is still reported.
  kcopyd_ignore_error = 1U << 1,
  // Writes the destinations from front to back. Errors are then not ignored.
  kcopyd_write_seq = 1U << 2,
};

// A copier with a thread of its own: its jobs' steps and all its notifications run one after another on the
// work queue "kcopyd". The destructor only frees memory: call destroy() first.
class KcopydClient {
 public:
  // DM_KCOPYD_MAX_REGIONS.
  static constexpr std::size_t max_destinations = 8;
  // A copy longer than a sub-job is worked on by this many sub-jobs at a time (SPLIT_COUNT), each of the
  // sub-job size, in sectors: 512 KiB, the module parameter kcopyd_subjob_size_kb's default.
  static constexpr unsigned split_count = 8;
  static constexpr sector_t sub_job_size = 1024;

  // The copy has ended. `read_error`: the source failed. `write_errors`: bit i says that destination i
  // failed; all bits if the copy was given up before it wrote. Called on the client's worker, with no lock
  // held, and never two at a time for one client: it may sleep, but keeps every other copy of the client
  // waiting, and must not destroy the client.
  using Notify = void (*)(bool read_error, unsigned long write_errors, void* context);

  // `throttle`, which several clients may share, may be null: never throttled. Both outlive the client.
  KcopydClient(BlockLayer& layer, KcopydThrottle* throttle);
  KcopydClient(const KcopydClient&) = delete;
  KcopydClient& operator=(const KcopydClient&) = delete;
  ~KcopydClient();

  // Copies `from` to each of `to` (at most max_destinations), whose counts equal from.count. Nothing is done
  // before this returns but the bookkeeping: reads and writes are sent by the worker. A copy of no sectors
  // just notifies. The devices must stay until then. Any context in which memory may be taken (GFP_NOIO):
  // process or worker, no spin lock held.
  void copy(const IoRegion& from, std::span<const IoRegion> to, unsigned flags, Notify notify, void* context);

  // Zeroes each of `to`: with write-zeroes requests if all devices can do that, else by writing zeroes.
  void zero(std::span<const IoRegion> to, unsigned flags, Notify notify, void* context);

  // A notification that somebody else's work will cause: prepared here (process context), it is called on the
  // client's worker after do_callback(). destroy() waits for it in between.
  [[nodiscard]] void* prepare_callback(Notify notify, void* context);
  // Any context, softirq too. The job is gone afterwards.
  void do_callback(void* job, bool read_error, unsigned long write_errors);

  // Waits until the worker has done what it was woken for before the call. Sleeps.
  void flush();
  // Waits until all jobs have notified. Nothing may be begun afterwards. Sleeps.
  void destroy();

  // Copies and callbacks that have not notified, each sub-job in flight counting once more.
  [[nodiscard]] unsigned long jobs() const { return nr_jobs_.read(); }
  [[nodiscard]] KcopydBuffers& buffers() { return buffers_; }

 private:
  struct Job;
  struct JobGroup;
  class Jobs;
  struct Lists;
  enum class Step : std::uint8_t { done, not_yet, failed };

  [[nodiscard]] Job& take_job();
  void free_job(Job& job);
  void start(const IoRegion* from, std::span<const IoRegion> to, unsigned flags, Notify notify,
             void* context);
  void dispatch(Job& job);
  void split(Job& master);
  static void segment_complete(bool read_error, unsigned long write_errors, void* context);
  // A part of a master's sectors, counted from the master's first.
  struct Segment {
    sector_t begin;
    sector_t sectors;
  };
  // Records how a segment ended and claims the next one: no sectors if all are claimed.
  static Segment claim_segment(Job& master, bool read_error, unsigned long write_errors);
  void begin_segment(Job& sub_job, Segment segment);

  void wake();
  void do_work();
  // Takes jobs off a list and runs a step of each, until the list is empty or a job cannot go on.
  void process(Jobs& jobs, Step (KcopydClient::*step)(Job&));
  Step run_complete_job(Job& job);
  Step run_pages_job(Job& job);
  Step run_io_job(Job& job);
  void io_ended(Job& job, unsigned long error_bits);

  void push(Jobs& jobs, Job& job);
  void push_front(Jobs& jobs, Job& job);
  Job* pop(Jobs& jobs);

  Runtime& runtime_;
  KcopydThrottle* throttle_;
  IoClient io_;
  KcopydBuffers buffers_;
  WorkQueue queue_;
  WorkItem work_;
  WaitQueue destroy_queue_;
  Atomic<unsigned long> nr_jobs_;

  SpinLock lock_;  // over the lists (job_lock)
  std::unique_ptr<Lists> lists_;

  std::deque<std::unique_ptr<JobGroup>> groups_;
  std::vector<JobGroup*> free_groups_;
};

}  // namespace dmcore
