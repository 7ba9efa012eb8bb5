// SPDX-License-Identifier: GPL-2.0-or-later
// For the files that make up kcopyd.
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>

#include "dmcore/io/kcopyd.h"

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

}  // namespace dmcore
