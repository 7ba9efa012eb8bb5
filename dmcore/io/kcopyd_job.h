// SPDX-License-Identifier: GPL-2.0-or-later
// Internal to kcopyd.
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>

#include "dmcore/io/kcopyd.h"

namespace dmcore {

// struct kcopyd_job. A copy of at most the sub-job size is one job; a longer one is a master job, which does
// no I/O itself, with sub-jobs.
struct KcopydClient::Job : boost::intrusive::list_base_hook<> {
  KcopydClient* client = nullptr;
  JobGroup* group = nullptr;
  Job* master = nullptr;  // the job itself, if it is no sub-job
  unsigned flags = 0;

  bool read_error = false;
  unsigned long write_errors = 0;

  BioOp op = BioOp::read;  // of its next I/O: read, then write; or write_zeroes
  IoRegion source;         // when zeroing only the count is used
  unsigned num_destinations = 0;
  std::array<IoRegion, max_destinations> destinations;
  std::byte* buffer = nullptr;
  bool zeroing = false;  // `buffer` is KcopydBuffers::zeroes()

  Notify notify = nullptr;
  void* context = nullptr;

  // `progress`, of a master: how many sectors its sub-jobs have claimed. `write_offset`: up to where a
  // sequential copy has been written (of a master), or must have been written before this job is written (of
  // a sub-job).
  sector_t progress = 0;
  sector_t write_offset = 0;

  [[nodiscard]] bool has(KcopydFlag flag) const { return (flags & flag) != 0; }
  [[nodiscard]] bool failed() const { return read_error || write_errors != 0; }
  // Copies all fields but `group`, and those of sequential writing and notification.
  void become(const Job& other);
};

// A job and the sub-jobs that it may need, allocated together.
struct KcopydClient::JobGroup {
  explicit JobGroup(Runtime& runtime) : lock(runtime, "kcopyd job"), sub_jobs(runtime, 0) {
    job.group = this;
    for (Job& part : parts) part.group = this;
  }
  Job job;
  std::array<Job, split_count> parts;
  Mutex lock;                 // protects the master's errors and progress
  Atomic<unsigned> sub_jobs;  // sub-jobs that have not finished
};

class KcopydClient::Jobs : public boost::intrusive::list<Job> {};

// A job is on one of these lists, or in flight, or being handled by the worker.
struct KcopydClient::Lists {
  Jobs callback;  // without I/O; moved to `complete` at the start of do_work()
  Jobs complete;  // to be notified
  Jobs io;        // their next I/O is to be submitted
  Jobs pages;     // waiting for memory
};

}  // namespace dmcore
