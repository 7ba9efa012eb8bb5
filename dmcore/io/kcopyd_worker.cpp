// SPDX-License-Identifier: GPL-2.0-or-later
// kcopyd's lists of jobs, and the worker that moves jobs from one to the next.
#include <algorithm>
#include <utility>

#include "dmcore/block/plug.h"
#include "dmcore/io/kcopyd_job.h"
#include "dmcore/kernel/order.h"

namespace dmcore {

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
  // A write of a sequential copy is skipped until all sectors before it are written.
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

void KcopydClient::wake() {
  queue_.queue(work_);
}

// The order matters: completed jobs free memory for which others wait, those that get memory have I/O to
// submit, and its completion wakes the worker again.
void KcopydClient::do_work() {
  {
    const IrqSpinGuard guard(lock_);
    lists_->complete.splice(lists_->complete.end(), lists_->callback);
  }
  const Plug plug(runtime_);
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
  const bool reused = defects_.on(Defect::buffer_reused_early) && job.op == BioOp::write;
  if (job.buffer != nullptr && !job.zeroing && !reused)
    buffers_.give_back(job.buffer, to_bytes(job.destinations[0].count));
  // Sub-jobs are freed with their master, which completes last.
  if (job.master == &job) free_job(job);
  notify(read_error, write_errors, context);
  if (nr_jobs_.dec_and_test_if([this] { return destroy_queue_.has_waiters(); })) destroy_queue_.wake_all();
  return Step::done;
}

KcopydClient::Step KcopydClient::run_pages_job(Job& job) {
  job.buffer = buffers_.take(to_bytes(job.destinations[0].count));
  if (job.buffer == nullptr) return Step::not_yet;
  push(lists_->io, job);
  return Step::done;
}

KcopydClient::Step KcopydClient::run_io_job(Job& job) {
  // A sequential copy stops at the first error. Without the master's lock.
  if (job.has(kcopyd_write_seq)) {
    runtime_.fine_step(Point::atomic, reads(&job.master->write_errors), "kcopyd errors");
    if (data_race(job.master->write_errors) != 0) {
      job.write_errors = data_race(job.master->write_errors);  // run_io_job() has no lock
      return Step::failed;
    }
  }
  if (defects_.on(Defect::copy_ends_early)) notify_early(job);
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

// Defect::copy_ends_early: tells that a copy is done when only its write is left.
void KcopydClient::notify_early(Job& job) {
  if (job.op == BioOp::read || job.notify == segment_complete) return;
  const auto told_before = [](bool, unsigned long, void*) {};
  std::exchange(job.notify, told_before)(false, 0, job.context);
}

// Any context.
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
  const bool wakes = !give_up || !defects_.on(Defect::failed_job_unwoken);
  if (job.op != BioOp::read || give_up) {
    push_and_wake(lists_->complete, job, wakes);
  } else {
    job.op = BioOp::write;
    if (defects_.on(Defect::buffer_reused_early))
      buffers_.give_back(job.buffer, to_bytes(job.destinations[0].count));
    push_and_wake(lists_->io, job, wakes);
  }
}

// As soon as the job is in the list and the lock free, a worker that is awake may end it, and the client with
// it.
void KcopydClient::push_and_wake(Jobs& jobs, Job& job, bool wakes) {
  if (fixes_.on(Fix::kcopyd_wake)) {
    const IrqSpinGuard guard(lock_);
    jobs.push_back(job);
    if (wakes) wake();
    return;
  }
  push(jobs, job);
  if (wakes) wake();
}

}  // namespace dmcore
