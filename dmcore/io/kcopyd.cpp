// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/io/kcopyd.h"

#include <algorithm>
#include <array>
#include <boost/intrusive/list.hpp>

namespace dmcore {

// A copy, or a part of one. A copy of at most the sub-job size is one job; a longer one is a master job,
// which does no I/O itself, and its sub-jobs.
struct KcopydClient::Job : boost::intrusive::list_base_hook<> {
  KcopydClient* client = nullptr;
  JobGroup* group = nullptr;
  Job* master = nullptr;  // itself, if it is no sub-job
  unsigned flags = 0;

  bool read_error = false;
  unsigned long write_errors = 0;

  BioOp op = BioOp::read;  // what its next I/O is: read, then write; or write_zeroes
  IoRegion source;         // for zeroing only the count means something
  unsigned num_destinations = 0;
  std::array<IoRegion, max_destinations> destinations;
  std::byte* buffer = nullptr;
  bool zeroing = false;  // `buffer` is not its own

  Notify notify = nullptr;
  void* context = nullptr;

  // Of a master: how many sectors its sub-jobs have claimed. Of all: how far sequential writing has come (of
  // a master), or must have come before this one's turn (of a sub-job).
  sector_t progress = 0;
  sector_t write_offset = 0;

  [[nodiscard]] bool has(KcopydFlag flag) const { return (flags & flag) != 0; }
  [[nodiscard]] bool failed() const { return read_error || write_errors != 0; }
  // Makes this the copy of `other` in everything but its place.
  void become(const Job& other);
};

// A job with the sub-jobs that it may need, taken and given back together.
struct KcopydClient::JobGroup {
  explicit JobGroup(Runtime& runtime) : lock(runtime, "kcopyd job"), sub_jobs(runtime, 0) {
    job.group = this;
    for (Job& part : parts) part.group = this;
  }
  Job job;
  std::array<Job, split_count> parts;
  Mutex lock;                 // over the master's errors and progress
  Atomic<unsigned> sub_jobs;  // that still work on it
};

class KcopydClient::Jobs : public boost::intrusive::list<Job> {};

// A job is on one of the lists, or its I/O is in flight, or the worker is at it.
struct KcopydClient::Lists {
  Jobs callback;  // need no I/O; join the completed ones when the worker begins a round
  Jobs complete;  // are over: to be notified
  Jobs io;        // have memory: their next I/O is to be sent
  Jobs pages;     // wait for memory
};

void KcopydClient::Job::become(const Job& other) {
  client = other.client;
  master = other.master;
  flags = other.flags;
  read_error = other.read_error;
  write_errors = other.write_errors;
  op = other.op;
  source = other.source;
  num_destinations = other.num_destinations;
  destinations = other.destinations;
  buffer = other.buffer;
  zeroing = other.zeroing;
}

KcopydClient::KcopydClient(BlockLayer& layer, KcopydThrottle* throttle)
    : runtime_(layer.runtime()),
      throttle_(throttle),
      io_(layer),
      buffers_(static_cast<unsigned>(div_round_up(to_bytes(sub_job_size), KcopydBuffers::page_bytes))),
      queue_(runtime_, "kcopyd"),
      work_(runtime_, "kcopyd", [this] { do_work(); }),
      destroy_queue_(runtime_, "kcopyd destroy"),
      nr_jobs_(runtime_, 0),
      lock_(runtime_, "kcopyd jobs"),
      lists_(std::make_unique<Lists>()) {}

KcopydClient::~KcopydClient() {
  // Where the machine died, jobs are still on the lists.
  for (Jobs* jobs : {&lists_->callback, &lists_->complete, &lists_->io, &lists_->pages}) jobs->clear();
}

void KcopydClient::flush() {
  queue_.flush();
}

void KcopydClient::destroy() {
  destroy_queue_.wait_event([this] { return nr_jobs_.read() == 0; });
  queue_.destroy();
}

// ---- Jobs and their lists. ----

KcopydClient::Job& KcopydClient::take_job() {
  if (free_groups_.empty()) {
    groups_.push_back(std::make_unique<JobGroup>(runtime_));
    free_groups_.push_back(groups_.back().get());
  }
  Job& job = free_groups_.back()->job;
  free_groups_.pop_back();
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
  free_groups_.push_back(job.group);
}

void KcopydClient::push(Jobs& jobs, Job& job) {
  const IrqSpinGuard guard(lock_);
  jobs.push_back(job);
}

void KcopydClient::push_front(Jobs& jobs, Job& job) {
  const IrqSpinGuard guard(lock_);
  jobs.push_front(job);
}

KcopydClient::Job* KcopydClient::pop(Jobs& jobs) {
  const IrqSpinGuard guard(lock_);
  // A write of a sequential copy is passed over until it is its turn.
  const auto its_turn = [](const Job& job) {
    return job.op == BioOp::read || !job.has(kcopyd_write_seq) ||
           job.write_offset == job.master->write_offset;
  };
  const auto found = &jobs == &lists_->io ? std::find_if(jobs.begin(), jobs.end(), its_turn) : jobs.begin();
  if (found == jobs.end()) return nullptr;
  Job& job = *found;
  jobs.erase(found);
  if (&jobs == &lists_->io && job.op != BioOp::read && job.has(kcopyd_write_seq)) {
    job.master->write_offset += job.source.count;
  }
  return &job;
}

// ---- The worker. ----

void KcopydClient::wake() {
  queue_.queue(work_);
}

// The order matters: what is over gives memory back that others wait for, those that got memory have I/O to
// send, and the end of their I/O wakes the worker for the next round.
void KcopydClient::do_work() {
  {
    const IrqSpinGuard guard(lock_);
    lists_->complete.splice(lists_->complete.end(), lists_->callback);
  }
  process(lists_->complete, &KcopydClient::run_complete_job);
  process(lists_->pages, &KcopydClient::run_pages_job);
  process(lists_->io, &KcopydClient::run_io_job);
}

void KcopydClient::process(Jobs& jobs, Step (KcopydClient::*step)(Job&)) {
  while (Job* job = pop(jobs)) {
    const Step step_result = (this->*step)(*job);
    if (step_result == Step::done) continue;
    if (step_result == Step::not_yet) {
      push_front(jobs, *job);
      return;
    }
    if (job->op == BioOp::read) {
      job->read_error = true;
    } else {
      job->write_errors = ~0UL;
    }
    push(lists_->complete, *job);
    wake();
    return;
  }
}

KcopydClient::Step KcopydClient::run_complete_job(Job& job) {
  void* const context = job.context;
  const bool read_error = job.read_error;
  const unsigned long write_errors = job.write_errors;
  const Notify notify = job.notify;
  if (job.buffer != nullptr && !job.zeroing)
    buffers_.give_back(job.buffer, to_bytes(job.destinations[0].count));
  // A master is over after its sub-jobs, which go with it.
  if (job.master == &job) free_job(job);
  notify(read_error, write_errors, context);
  if (nr_jobs_.dec_and_test()) destroy_queue_.wake_all();
  return Step::done;
}

KcopydClient::Step KcopydClient::run_pages_job(Job& job) {
  job.buffer = buffers_.take(to_bytes(job.destinations[0].count));
  if (job.buffer == nullptr) return Step::not_yet;
  push(lists_->io, job);
  return Step::done;
}

KcopydClient::Step KcopydClient::run_io_job(Job& job) {
  // A sequential copy does not go on behind a hole.
  if (job.has(kcopyd_write_seq) && job.master->write_errors != 0) {
    job.write_errors = job.master->write_errors;
    return Step::failed;
  }
  if (throttle_ != nullptr) throttle_->io_begins();
  const auto regions = job.op == BioOp::read
                           ? std::span<const IoRegion>(&job.source, 1)
                           : std::span<const IoRegion>(job.destinations).first(job.num_destinations);
  const auto ended = [](unsigned long error_bits, void* context) {
    Job& its_job = *static_cast<Job*>(context);
    its_job.client->io_ended(its_job, error_bits);
  };
  const Status status = io_.async({job.op, 0, job.buffer}, regions, ended, &job);
  return status.ok() ? Step::done : Step::failed;
}

// In whatever context the last bio ended.
void KcopydClient::io_ended(Job& job, unsigned long error_bits) {
  if (throttle_ != nullptr) throttle_->io_ends();
  if (error_bits != 0) {
    if (job.op == BioOp::read) {
      job.read_error = true;
    } else {
      job.write_errors |= error_bits;
    }
  }
  const bool give_up = error_bits != 0 && !job.has(kcopyd_ignore_error);
  if (job.op != BioOp::read || give_up) {
    push(lists_->complete, job);
  } else {
    job.op = BioOp::write;
    push(lists_->io, job);
  }
  wake();
}

// ---- Beginning copies. ----

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
  if (read_error) master.read_error = true;
  master.write_errors |= write_errors;
  if (master.failed() && !master.has(kcopyd_ignore_error)) return {};
  const Segment segment{master.progress, std::min(master.source.count - master.progress, sub_job_size)};
  master.progress += segment.sectors;
  return segment;
}

void KcopydClient::begin_segment(Job& sub_job, Segment segment) {
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

// A sub-job's notification: it goes on with the next segment of its master.
void KcopydClient::segment_complete(bool read_error, unsigned long write_errors, void* context) {
  Job& sub_job = *static_cast<Job*>(context);
  Job& master = *sub_job.master;
  KcopydClient& client = *master.client;
  const Segment next = claim_segment(master, read_error, write_errors);
  if (next.sectors != 0) {
    client.begin_segment(sub_job, next);
  } else if (master.group->sub_jobs.dec_and_test()) {
    // Callers rely on being notified by the worker, one after another; this may be running in whoever split
    // the job.
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
