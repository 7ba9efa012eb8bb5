// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/io/kcopyd.h"

#include <algorithm>

#include "dmcore/io/kcopyd_job.h"
#include "dmcore/kernel/order.h"

namespace dmcore {

void KcopydClient::Job::become(const Job& other) {
  client = other.client;
  master = other.master;
  flags = other.flags;
  // segment_complete() copies the master without its lock, while other sub-jobs may fail.
  read_error = data_race(other.read_error);
  write_errors = data_race(other.write_errors);
  op = other.op;
  source = other.source;
  num_destinations = other.num_destinations;
  destinations = other.destinations;
  buffer = other.buffer;
  zeroing = other.zeroing;
}

KcopydClient::KcopydClient(BlockLayer& layer, KcopydThrottle* throttle)
    : runtime_(layer.runtime()),
      defects_(layer.kernel().defects()),
      fixes_(layer.kernel().fixes()),
      throttle_(throttle),
      io_(layer),
      buffers_(static_cast<unsigned>(div_round_up(to_bytes(sub_job_size), KcopydBuffers::page_bytes))),
      queue_(runtime_, "kcopyd"),
      work_(runtime_, "kcopyd", [this] { do_work(); }),
      destroy_queue_(runtime_, "kcopyd destroy", WaitQueue::Orders::wait_first),
      nr_jobs_(runtime_, 0),
      lock_(runtime_, "kcopyd jobs"),
      lists_(std::make_unique<Lists>()),
      job_waiters_(runtime_) {}

KcopydClient::~KcopydClient() {
  // If the machine was torn down, jobs are still on the lists.
  for (Jobs* jobs : {&lists_->callback, &lists_->complete, &lists_->io, &lists_->pages}) jobs->clear();
}

void KcopydClient::flush() {
  queue_.flush();
}

void KcopydClient::destroy() {
  destroy_queue_.wait_event([this] { return nr_jobs_.is_zero_to_wait(); });
  check_that_none_is_in_use();
  queue_.destroy();
}

// A job is given back before it is counted down.
void KcopydClient::check_that_none_is_in_use() const {
  if (runtime_.dying()) return;
  const order::Unchecked idle("no job is left, so none is taken or given back");
  if (groups_.size() != free_groups_.size())
    runtime_.violation("a kcopyd client is destroyed while jobs of it are in use");
}

// mempool_alloc(): while memory is short there is only the reserve, for which callers wait.
KcopydClient::JobGroup& KcopydClient::take_group() {
  constexpr std::size_t reserve = 8;  // MIN_JOBS
  runtime_.might_sleep("kcopyd jobs");
  runtime_.fine_step(Point::atomic, runtime_.using_pool(&free_groups_), "kcopyd jobs");
  const order::Unchecked locked("by the pool's lock");
  while (runtime_.memory_is_short() && free_groups_.empty() && groups_.size() >= reserve) {
    job_waiters_.wait({"memory pool", "kcopyd jobs"},
                      {Point::atomic, "kcopyd jobs", writes(&free_groups_), {}});
  }
  order::serialise(&free_groups_);
  if (free_groups_.empty() || !runtime_.pools_reuse()) {
    groups_.push_back(std::make_unique<JobGroup>(runtime_));
    free_groups_.push_back(groups_.back().get());
  }
  JobGroup& group = *free_groups_.back();
  free_groups_.pop_back();
  return group;
}

KcopydClient::Job& KcopydClient::take_job() {
  Job& job = take_group().job;
  job.client = this;
  job.master = &job;
  job.flags = 0;
  job.read_error = false;
  job.write_errors = 0;
  job.num_destinations = 0;
  job.buffer = nullptr;
  job.zeroing = false;
  job.progress = 0;
  job.write_offset = 0;
  return job;
}

void KcopydClient::free_job(Job& job) {
  runtime_.fine_step(Point::atomic, runtime_.using_pool(&free_groups_), "kcopyd jobs");
  const order::Unchecked locked("by the pool's lock");
  order::serialise(&free_groups_);
  free_groups_.push_back(job.group);
  job_waiters_.wake_one();
}

// ---- Starting copies ----

void KcopydClient::dispatch(Job& job) {
  nr_jobs_.inc();
  if (job.source.count == 0) {
    push(lists_->callback, job);
  } else if (job.zeroing) {
    push(lists_->io, job);
  } else {
    push(lists_->pages, job);
  }
  wake();
}

KcopydClient::Segment KcopydClient::claim_segment(Job& master, bool read_error, unsigned long write_errors) {
  const MutexGuard guard(master.group->lock);
  if (read_error || write_errors != 0)
    master.client->runtime_.fine_step(Point::atomic, writes(&master.write_errors), "kcopyd errors");
  if (read_error) master.read_error = true;
  master.write_errors |= write_errors;
  if (master.failed() && !master.has(kcopyd_ignore_error)) return {};
  const Segment segment{master.progress, std::min(master.source.count - master.progress, sub_job_size)};
  master.progress += segment.sectors;
  return segment;
}

void KcopydClient::begin_segment(Job& sub_job, Segment segment) {
  // Without the master's lock: its errors may change meanwhile.
  runtime_.fine_step(Point::atomic, reads(&sub_job.master->write_errors), "kcopyd errors");
  sub_job.become(*sub_job.master);
  sub_job.write_offset = segment.begin;
  sub_job.source.sector += segment.begin;
  sub_job.source.count = segment.sectors;
  for (unsigned i = 0; i < sub_job.num_destinations; ++i) {
    sub_job.destinations[i].sector += segment.begin;
    sub_job.destinations[i].count = segment.sectors;
  }
  sub_job.notify = segment_complete;
  sub_job.context = &sub_job;
  dispatch(sub_job);
}

bool KcopydClient::was_last_part(Job& master) const {
  Atomic<unsigned>& parts = master.group->sub_jobs;
  if (!defects_.on(Defect::sub_jobs_torn)) return parts.dec_and_test();
  const unsigned left = parts.read() - 1;
  parts.set(left);
  return left == 0;
}

// The notification of a sub-job: it continues with the next segment of its master.
void KcopydClient::segment_complete(bool read_error, unsigned long write_errors, void* context) {
  Job& sub_job = *static_cast<Job*>(context);
  Job& master = *sub_job.master;
  KcopydClient& client = *master.client;
  const Segment next = claim_segment(master, read_error, write_errors);
  if (next.sectors != 0) {
    client.begin_segment(sub_job, next);
  } else if (client.was_last_part(master)) {
    // Notifications come from the worker, one at a time; this may be running in the caller of split().
    client.push(client.lists_->complete, master);
    client.wake();
  }
}

void KcopydClient::split(Job& master) {
  nr_jobs_.inc();
  master.group->sub_jobs.set(split_count);
  for (Job& part : master.group->parts) {
    part.master = &master;
    segment_complete(false, 0, &part);
  }
}

void KcopydClient::start(const IoRegion* from, std::span<const IoRegion> to, unsigned flags, Notify notify,
                         void* context) {
  Job& job = take_job();
  job.flags = flags;
  if (job.has(kcopyd_write_seq)) job.flags &= ~unsigned{kcopyd_ignore_error};
  job.num_destinations = static_cast<unsigned>(to.size());
  std::copy(to.begin(), to.end(), job.destinations.begin());
  if (from != nullptr) {
    job.source = *from;
    job.op = BioOp::read;
  } else {
    job.source = {nullptr, 0, to[0].count};
    job.zeroing = true;
    job.buffer = buffers_.zeroes();
    const bool all_can = std::all_of(to.begin(), to.end(), [](const IoRegion& region) {
      return region.device->limits.max_write_zeroes_sectors != 0;
    });
    job.op = all_can ? BioOp::write_zeroes : BioOp::write;
  }
  job.notify = notify;
  job.context = context;
  if (job.source.count <= sub_job_size) {
    dispatch(job);
  } else {
    split(job);
  }
}

void KcopydClient::copy(const IoRegion& from, std::span<const IoRegion> to, unsigned flags, Notify notify,
                        void* context) {
  start(&from, to, flags, notify, context);
}

void KcopydClient::zero(std::span<const IoRegion> to, unsigned flags, Notify notify, void* context) {
  start(nullptr, to, flags, notify, context);
}

void* KcopydClient::prepare_callback(Notify notify, void* context) {
  Job& job = take_job();
  job.notify = notify;
  job.context = context;
  nr_jobs_.inc();
  return &job;
}

void KcopydClient::do_callback(void* job_pointer, bool read_error, unsigned long write_errors) {
  Job& job = *static_cast<Job*>(job_pointer);
  job.read_error = read_error;
  job.write_errors = write_errors;
  push(lists_->callback, job);
  wake();
}

}  // namespace dmcore
