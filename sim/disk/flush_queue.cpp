// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/disk/flush_queue.h"

namespace sim {

using dmcore::BlockStatus;

namespace {

// FLUSH_PENDING_TIMEOUT: how long a flush waits for data requests in flight, which may want one too.
constexpr std::uint64_t waiting_max = 5 * dmcore::hz;  // jiffies

}  // namespace

void FlushQueue::insert(FlushedRequest& request) {
  Round round;
  go_on(request, BlockStatus::ok, round);
  end_round(round, BlockStatus::ok);
}

void FlushQueue::data_done(FlushedRequest& request, BlockStatus status) {
  Round round;
  --data_in_flight_;
  request.data = false;
  go_on(request, status, round);
  end_round(round, status);
}

void FlushQueue::flush_done(BlockStatus status) {
  Round round;
  flush_in_flight_ = false;
  List served;
  served.swap(flushing_);
  while (!served.empty()) {
    FlushedRequest& request = served.front();
    served.pop_front();
    (request.preflush ? request.preflush : request.postflush) = false;
    go_on(request, status, round);
  }
  end_round(round, status);
}

// blk_flush_complete_seq(): a step of the request is done.
void FlushQueue::go_on(FlushedRequest& request, BlockStatus status, Round& round) {
  const bool flush_first = request.preflush || (!request.data && request.postflush);
  if (status != BlockStatus::ok || !(flush_first || request.data)) {
    round.finished.push_back(request);
  } else if (flush_first) {
    if (waiting_.empty()) waiting_since_ = runtime_.jiffies();
    waiting_.push_back(request);
  } else {
    ++data_in_flight_;
    round.data.push_back(request);
  }
  // After each request, as in the kernel: the next flush may start before all requests of the last one have
  // been advanced.
  if (may_flush()) {
    flush_in_flight_ = true;
    flushing_.swap(waiting_);
    round.flush = true;
  }
}

bool FlushQueue::may_flush() const {
  if (flush_in_flight_ || waiting_.empty()) return false;
  // Requests whose data are in flight may want a flush afterwards.
  return data_in_flight_ == 0 || runtime_.jiffies() >= waiting_since_ + waiting_max;
}

void FlushQueue::end_round(Round& round, BlockStatus status) {
  const auto each = [](List& list, auto action) {
    while (!list.empty()) {
      FlushedRequest& request = list.front();
      list.pop_front();
      action(request);
    }
  };
  each(round.data, [&](FlushedRequest& request) { device_.send_data(request); });
  if (round.flush) device_.send_flush(flushing_);
  each(round.finished, [&](FlushedRequest& request) { device_.finish(request, status); });
}

}  // namespace sim
