// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/disk/virtual_disk.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

#include "dmcore/kernel/order.h"

namespace sim {

using dmcore::Bio;
using dmcore::BioOp;
using dmcore::BlockStatus;
using dmcore::Duration;
using dmcore::sector_t;
using dmcore::Status;
using dmcore::TaskKind;
using dmcore::Time;
using dmcore::to_bytes;

namespace {

constexpr std::uint32_t tmpfs_block_bytes = 4096;  // the block size of the backing file system

// loop_configure() and loop_config_discard().
dmcore::QueueLimits loop_limits(const DiskOptions& options) {
  dmcore::QueueLimits limits;
  limits.max_hw_sectors = limits.max_sectors = dmcore::default_max_sectors;
  limits.logical_block_size = options.logical_block_size;
  limits.physical_block_size = options.logical_block_size;
  limits.io_min = options.logical_block_size;
  const std::uint32_t max_sectors = std::numeric_limits<std::uint32_t>::max() >> dmcore::sector_shift;
  limits.discard_granularity = tmpfs_block_bytes;
  limits.max_hw_discard_sectors = max_sectors;
  // As after writing 0 to discard_max_bytes, which changes nothing else.
  limits.max_discard_sectors = options.discard ? max_sectors : 0;
  if (options.discard && options.discard_max_bytes != 0) {
    limits.max_discard_sectors = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(dmcore::to_sectors(options.discard_max_bytes), max_sectors));
  }
  limits.max_write_zeroes_sectors = max_sectors;
  return limits;
}

}  // namespace

VirtualDisk::VirtualDisk(dmcore::BlockLayer& layer, dmcore::DevT dev, std::string name,
                         std::unique_ptr<Store> store, const DiskOptions& options)
    : BlockDevice(layer, dev, std::move(name)),
      runtime_(layer.runtime()),
      options_(options),
      store_(std::move(store)),
      silence_(runtime_, faults_),
      rot_("bit rot", TaskKind::softirq, [this] { rot(); }),
      queue_run_("kblockd", TaskKind::worker, [this] { run_queue(); }),
      flush_queue_(runtime_, *this),
      flush_requeued_("kblockd", TaskKind::worker, [this] { flush_requeued(); }),
      flush_completed_("disk completion", TaskKind::softirq, [this] { flush_completed(); }),
      flush_done_("disk flush", TaskKind::softirq, [this] { cache_flushed(); }),
      tag_waiters_(runtime_, "disk tags") {
  set_nr_sectors(dmcore::to_sectors(store_->size()));
  limits = loop_limits(options);
  read_only = options.read_only;
  write_cache = options.volatile_cache && !options.read_only;
  nowait = true;
  request_based = true;
  flush_done_.unordered = this;
  rot_.access = dmcore::writes(store_.get(), dmcore::Access::whole);
  rot_.housekeeping = true;  // nothing waits for it
}

VirtualDisk::~VirtualDisk() {
  runtime_.cancel(rot_);
  if (runtime_.dying() || in_flight() == 0) return;
  // Of a silent disk it may be so: what waits for it does so for ever.
  if (!holds_back())
    runtime_.note_violation(fmt::format("disk {} is destroyed with I/O in flight", this->name()));
  layer().abandon_bios_of(*this);
}

Status VirtualDisk::poke(std::uint64_t offset, std::span<const std::byte> bytes) {
  if (offset > store_->size() || bytes.size() > store_->size() - offset) return dmcore::Errno::inval;
  DMCORE_TRY(store_->write(offset, bytes));
  if (media_ != nullptr) media_->replaced(offset, bytes.size());
  return {};
}

void VirtualDisk::record_durability() {
  durability_ = std::make_unique<Durability>(*store_, limits.logical_block_size, write_cache);
  media_ = durability_.get();
}

// get_max_io_size(), bio_split_discard() and bio_split_write_zeroes() of block/blk-merge.c; max_sectors is a
// multiple of the block size.
sector_t VirtualDisk::sectors_at_once(const Bio& bio) const {
  switch (bio.op) {
    case BioOp::read:
    case BioOp::write:
      return limits.max_sectors;
    case BioOp::discard: {
      // All parts of a split discard but the last end at a multiple of the granularity.
      const sector_t granule = std::max<sector_t>(limits.discard_granularity >> dmcore::sector_shift, 1);
      const sector_t most = dmcore::round_down(limits.max_discard_sectors, granule);
      if (bio.sectors() <= most) return most;
      const sector_t beyond = (bio.sector + most) % granule;
      return most > beyond ? most - beyond : most;
    }
    case BioOp::write_zeroes:
      return limits.max_write_zeroes_sectors;
    case BioOp::secure_erase:
      return limits.max_secure_erase_sectors;
  }
  return 0;
}

void VirtualDisk::submit(Bio& bio) {
  for (;;) {
    const sector_t sectors = sectors_at_once(bio);
    if (bio.sectors() <= sectors) {
      begin(bio);
      return;
    }
    begin(dmcore::split_bio(bio, sectors));
  }
}

// What the kernel does under a lock of the queue that guards nothing else, or by an atomic operation, is one
// step.
template <class Object>
void VirtualDisk::about_to_change(const Object& object, const char* name) {
  runtime_.fine_step(dmcore::Point::submit_bio, dmcore::writes(&object), name);
}

// blk_mq_attempt_bio_merge(): whether the bio has become a part of a request that is held back.
bool VirtualDisk::merges(Bio& bio) {
  dmcore::order::release(&bio);
  if (!is_mergeable(bio)) return false;
  if (dmcore::Plug* plug = dmcore::Plug::of_current(runtime_)) {
    const dmcore::order::Unchecked locked("a plug is its task's own");
    dmcore::PluggedRequest* newest = plug->newest_of(*this);
    if (newest != nullptr && static_cast<Request*>(newest)->try_merge(bio, limits) == Request::Merge::merged)
      return true;
  }
  // The kernel looks whether there is anything before it takes the lock.
  runtime_.fine_step(dmcore::Point::submit_bio, dmcore::reads(&queue_), "software queue");
  if (queue_.empty()) return false;
  about_to_change(queue_, "software queue");
  const dmcore::order::Unchecked locked("by the queue's locks");
  constexpr int looked_at_max = 8;
  int looked_at = 0;
  for (auto it = queue_.rbegin(); it != queue_.rend() && looked_at < looked_at_max; ++it, ++looked_at) {
    const Request::Merge result = static_cast<Request&>(*it).try_merge(bio, limits);
    if (result != Request::Merge::no) return result == Request::Merge::merged;
  }
  runtime_.turned_out(dmcore::AccessKind::read);
  return false;
}

// blk_mq_get_tag(): waits for a free tag. False if there is none and the bio must not wait.
bool VirtualDisk::get_tag(const Bio& bio) {
  for (;;) {
    // With more left than so many, the order of those that take one and give one back cannot be seen. A
    // schedule in which the tags run out first gets to where fewer are left, and from there on the order
    // counts.
    constexpr unsigned plenty = 64;
    const bool are_plenty = options_.tags > in_flight() + plenty;
    runtime_.fine_step(dmcore::Point::submit_bio,
                       are_plenty ? dmcore::commutes(&free_requests_) : dmcore::counts_down(&free_requests_),
                       "tags");
    const auto left = static_cast<std::int64_t>(options_.tags) - static_cast<std::int64_t>(in_flight()) - 1;
    if (!are_plenty) runtime_.left(left);
    if (left >= 0) return true;
    if (bio.has(dmcore::bio_nowait)) return false;
    tag_waiters_.wait_event([this] {
      about_to_change(free_requests_, "tags");
      return in_flight() < options_.tags;
    });
  }
}

// blk_mq_submit_bio()
void VirtualDisk::begin(Bio& bio) {
  if (merges(bio)) return;
  if (!get_tag(bio)) {
    end_bio(bio, BlockStatus::again);
    return;
  }
  Request& request = take_request();
  request.begin(*this, bio);
  dmcore::order::release(&bio);
  if (request.flushed) {
    request.preflush = bio.has(dmcore::bio_preflush);
    request.data = bio.size != 0;
    request.postflush = bio.has(dmcore::bio_fua);
    runtime_.fine_step(dmcore::Point::submit_bio, dmcore::writes(&flush_queue_), "flush queue",
                       covering(request));
    if (media_ != nullptr) request.submitted_at = media_->now();
    flush_queue_.insert(request);
  } else if (dmcore::Plug* plug = dmcore::Plug::of_current(runtime_)) {
    request.device = this;
    plug->add(request);
  } else {
    send(request);
  }
}

void VirtualDisk::insert(dmcore::PluggedRequests& requests) {
  about_to_change(queue_, "software queue");
  if (queue_run_.state == dmcore::Event::State::idle) runtime_.post(queue_run_);
  queue_.splice(queue_.end(), requests);
}

void VirtualDisk::run_queue() {
  for (;;) {
    about_to_change(queue_, "software queue");
    if (queue_.empty()) {
      runtime_.turned_out(dmcore::AccessKind::read);
      return;
    }
    auto& request = static_cast<Request&>(queue_.front());
    queue_.pop_front();
    send(request);
  }
}

// When the transfer of the data ends if it starts now, or when the pipe is free.
Time VirtualDisk::pass_pipe(const Request& request) {
  const bool has_data = request.op == BioOp::read || request.op == BioOp::write;
  if (options_.timing.bytes_per_second == 0 || !has_data) return runtime_.now();
  constexpr std::uint64_t ns_per_s = 1'000'000'000;
  const Duration takes(static_cast<std::int64_t>(static_cast<unsigned __int128>(request.bytes) * ns_per_s /
                                                 options_.timing.bytes_per_second));
  pipe_free_at_ = std::max(pipe_free_at_, runtime_.now()) + takes;
  return pipe_free_at_;
}

// What the transfer touches of the medium.
dmcore::Access VirtualDisk::transfer_access(const Request& request) const {
  const auto kind = request.op == BioOp::read ? dmcore::AccessKind::read : dmcore::AccessKind::write;
  const bool within = request.sectors() != 0 &&
                      request.sectors() <= std::numeric_limits<decltype(dmcore::Access::parts)>::max() &&
                      request.sector < dmcore::Access::whole && !request.fate.altered;
  if (!within) return {store_.get(), dmcore::Access::whole, kind};
  return {store_.get(), static_cast<std::uint32_t>(request.sector), kind,
          static_cast<std::uint16_t>(request.sectors())};
}

// A flush makes durable the writes that have ended before it is submitted. Their order shows only in what a
// power cut leaves.
dmcore::Access VirtualDisk::ending(const Request& request) const {
  return {&media_, 0, request.write != 0 ? dmcore::AccessKind::commutes : dmcore::AccessKind::none};
}
dmcore::Access VirtualDisk::covering(const Request& request) const {
  const bool covers = media_ != nullptr && request.preflush;
  return {&media_, 0, covers ? dmcore::AccessKind::write : dmcore::AccessKind::none};
}

// Calls use(range) for what the request changes, bio by bio, or as faults have it.
template <class Use>
void VirtualDisk::for_each_range(const Request& request, Use use) {
  if (request.fate.altered) {
    for (const MediaObserver::Range& range : request.fate.ranges) use(range);
    return;
  }
  for (const Bio* bio = request.bios.front(); bio != nullptr; bio = bio->next) {
    const auto data = bio->op == BioOp::write ? std::span<const std::byte>(bio->data, bio->size)
                                              : std::span<const std::byte>();
    use(MediaObserver::Range{to_bytes(bio->sector), bio->size, data});
  }
}

// A step only if there are faults, whose hits depend on the order of requests.
void VirtualDisk::decide_fate(Request& request) {
  request.fate = {};
  if (faults_.empty()) return;
  about_to_change(faults_, "disk faults");
  FaultMap::Ranges ranges;
  for_each_range(request, [&](const MediaObserver::Range& range) { ranges.push_back(range); });
  request.fate = request.op == BioOp::read
                     ? faults_.fate_of_read(ranges)
                     : faults_.fate_of_write(std::move(ranges), {store_->size(), limits.logical_block_size});
}

// queue_rq()
void VirtualDisk::send(Request& request) {
  decide_fate(request);
  if (media_ != nullptr && request.op != BioOp::read) {
    request.write = media_->now();
    for_each_range(request, [&](const auto& range) { media_->submitted(request.write, range); });
  }
  if (runtime_.watched()) {
    request.done.access = transfer_access(request);
    request.completed.access = ending(request);
    request.done.unordered = this;
  }
  runtime_.post_at(request.done,
                   pass_pipe(request) + (request.op == BioOp::read ? options_.timing.read_latency
                                                                   : options_.timing.write_latency));
}

// The loop driver's worker does the I/O and raises a softirq for the completion: two steps, between which
// other tasks may run.
void VirtualDisk::request_done(Request& request) {
  if (silence_.holds(request.done)) return;
  request.status = transfer(request);
  if (recorder_ != nullptr && request.status == BlockStatus::ok) record(request);
  if (request.write != 0 && request.status == BlockStatus::ok) {
    for_each_range(request, [&](const auto& range) { media_->executed(request.write, range); });
  }
  if (request.fate.error == Fate::Error::after) request.status = BlockStatus::ioerr;
  runtime_.post(request.completed);
}

void VirtualDisk::request_completed(Request& request) {
  account(request);
  if (request.flushed) {
    about_to_change(flush_queue_, "flush queue");
    flush_queue_.data_done(request, request.status);
  } else {
    end(request, request.status);
  }
}

// A request succeeds or fails as a whole.
BlockStatus VirtualDisk::transfer(const Request& request) {
  if (read_only && request.op != BioOp::read) return BlockStatus::ioerr;
  // The loop driver does both by punching holes, and checks one limit for both.
  const bool punches = request.op == BioOp::discard || request.op == BioOp::write_zeroes;
  if (punches && limits.max_discard_sectors == 0) return BlockStatus::notsupp;
  if (request.fate.error == Fate::Error::before) return BlockStatus::ioerr;
  return stored(access_store(request)) ? BlockStatus::ok : BlockStatus::ioerr;
}

bool VirtualDisk::stored(Status status) {
  if (!status.ok() && host_errors_ != nullptr)
    host_errors_->add({std::string(store_->name()), status.error()});
  return status.ok();
}

// Stops at the first error.
Status VirtualDisk::access_store(const Request& request) {
  if (request.op == BioOp::secure_erase) return dmcore::Errno::io;
  if (request.op == BioOp::read) {
    for (const Bio* bio = request.bios.front(); bio != nullptr; bio = bio->next)
      DMCORE_TRY(store_->read(to_bytes(bio->sector), {bio->data, bio->size}));
    return {};
  }
  Status status;
  for_each_range(request, [&](const MediaObserver::Range& range) {
    if (!status.ok()) return;
    status = range.data.empty() ? store_->discard(range.offset, range.bytes)
                                : store_->write(range.offset, range.data);
    if (status.ok()) faults_.written(range);
  });
  return status;
}

// blk_account_io_completion(): counts the sectors, even of failed requests.
void VirtualDisk::account(const Request& request) {
  if (request.op == BioOp::read) {
    counters.read_sectors += request.sectors();
  } else if (request.op == BioOp::discard) {
    counters.discarded_sectors += request.sectors();
  } else {
    counters.written_sectors += request.sectors();
  }
}

void VirtualDisk::record(const Request& request) {
  if (request.op == BioOp::read) return;
  for_each_range(request, [this](const MediaObserver::Range& range) {
    if (range.data.empty()) {
      recorder_->zeroed(dmcore::to_sectors(range.offset), dmcore::to_sectors(range.bytes));
    } else {
      recorder_->written(dmcore::to_sectors(range.offset), range.data);
    }
  });
}

Request& VirtualDisk::take_request() {
  if (free_requests_.empty() || !runtime_.pools_reuse()) return requests_.emplace_back();
  Request* request = free_requests_.back();
  free_requests_.pop_back();
  dmcore::order::fresh(request, sizeof(*request));
  return *request;
}

// blk_mq_end_request(). The kernel frees the tag after the bios have ended, under a reference to the queue;
// here nothing holds one, and what the last bio's end starts may destroy the disk.
void VirtualDisk::end(Request& request, BlockStatus status) {
  if (request.write != 0) {
    for_each_range(
        request, [&](const auto& range) { media_->ended(request.write, range, status != BlockStatus::ok); });
  }
  dmcore::BioList bios;
  {
    const dmcore::order::Unchecked locked("by the queue's locks");
    bios = request.bios.take();
  }
  runtime_.fine_step(dmcore::Point::end_bio, dmcore::commutes(&free_requests_), "tags");
  free_requests_.push_back(&request);
  if (tag_waiters_.has_sleeper()) tag_waiters_.wake_all();
  while (Bio* bio = bios.front()) {
    dmcore::order::acquire(bio);
    bios.pop();
    bio->advance(bio->size);
    end_bio(*bio, status);
  }
}

// As in the kernel, requests of the flush machinery are requeued and sent by a worker of the block layer
// (kblockd).
void VirtualDisk::send_flush(FlushQueue::List& served) {
  flush_covers_ = 0;
  flush_own_.clear();
  for (const FlushedRequest& flushed : served) {
    const auto& request = static_cast<const Request&>(flushed);
    if (request.preflush) {
      flush_covers_ = std::max(flush_covers_, request.submitted_at);
    } else {
      flush_own_.push_back(request.write);
    }
  }
  runtime_.post(flush_requeued_);
}

void VirtualDisk::flush_requeued() {
  if (recorder_ != nullptr) recorder_->flush_begins();
  flush_fate_ = faults_.fate_of_flush();
  const bool lies = flush_fate_ == FaultMap::Flush::lies;
  runtime_.post_at(flush_done_, runtime_.now() + (lies ? Duration(0) : options_.timing.flush_latency));
  run_queue();
}

void VirtualDisk::send_data(FlushedRequest& request) {
  runtime_.post(static_cast<Request&>(request).requeued);
}

// blk_mq_requeue_work() runs the queue too.
void VirtualDisk::requeued(Request& request) {
  send(request);
  run_queue();
}

void VirtualDisk::finish(FlushedRequest& request, BlockStatus status) {
  end(static_cast<Request&>(request), status);
}

void VirtualDisk::cache_flushed() {
  if (silence_.holds(flush_done_)) return;
  const bool lies = flush_fate_ == FaultMap::Flush::lies;
  const bool failed = flush_fate_ == FaultMap::Flush::fails || (!lies && !stored(store_->sync()));
  if (recorder_ != nullptr && !failed && !lies) recorder_->flush_ended();
  if (lies) {
    flush_covers_ = 0;
    flush_own_.clear();
  }
  flush_status_ = failed ? BlockStatus::ioerr : BlockStatus::ok;
  runtime_.post(flush_completed_);
}

void VirtualDisk::flush_completed() {
  ++counters.flushes;
  if (media_ != nullptr && flush_status_ == BlockStatus::ok) media_->flushed(flush_covers_, flush_own_);
  about_to_change(flush_queue_, "flush queue");
  flush_queue_.flush_done(flush_status_);
}

}  // namespace sim
