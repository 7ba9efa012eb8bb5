// SPDX-License-Identifier: GPL-2.0-or-later
#include "dmcore/block/block_layer.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>

#include "dmcore/kernel/order.h"

namespace dmcore {

namespace {

// Normalises a path; there are no links: "//dev/./x/../loop0" gives "dev/loop0".
std::string walk(std::string_view path) {
  std::vector<std::string_view> names;
  while (!path.empty()) {
    const std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(name.size() + 1, path.size()));
    if (name == "..") {
      if (!names.empty()) names.pop_back();
    } else if (!name.empty() && name != ".") {
      names.push_back(name);
    }
  }
  return fmt::format("{}", fmt::join(names, "/"));
}

}  // namespace

BlockLayer::BlockLayer(Kernel& kernel)
    : kernel_(kernel), claims_lock_(kernel.runtime(), "bdev_lock"), bios_(kernel.runtime(), "bio") {
  runtime().add_diagnostic([this] { return describe_in_flight(); });
}

void BlockLayer::add(BlockDevice& device) {
  const order::Unchecked locked("by the lock of the inodes of block devices");
  order::serialise(&devices_);
  devices_.emplace(device.dev(), &device);
  nodes_[device.name()] = device.dev();
  device.live_ = true;
}

void BlockLayer::remove(BlockDevice& device) {
  const order::Unchecked locked("by the lock of the inodes of block devices");
  order::serialise(&devices_);
  devices_.erase(device.dev());
  nodes_.erase(device.name());
  device.live_ = false;
}

void BlockLayer::release(std::unique_ptr<BlockDevice> device) {
  const order::Unchecked no_list("in the kernel the last reference frees the device");
  if (device->references_ != 0) released_.push_back(std::move(device));
}

void BlockLayer::put(BlockDevice& device) {
  if (!atomic_dec_and_test(device.references_)) return;
  const order::Unchecked no_list("in the kernel the last reference frees the device");
  std::erase_if(released_, [&](const auto& released) { return released.get() == &device; });
}

Result<BlockDevice*> BlockLayer::open(DevT dev, OpenMode mode, const void* holder) {
  if (find(dev) == nullptr && probe_) probe_(dev);
  BlockDevice* device = find(dev);
  if (device == nullptr) return Errno::nxio;
  atomic_inc(device->references_);
  const Status opened = device->open(mode, holder);
  if (opened.ok()) return device;
  put(*device);
  return opened.error();
}

BlockDevice* BlockLayer::find(DevT dev) const {
  const order::Unchecked locked("by the lock of the inodes of block devices");
  order::serialise(&devices_);
  const auto it = devices_.find(dev);
  return it == devices_.end() ? nullptr : it->second;
}

BlockDevice* BlockLayer::find(std::string_view name) const {
  const order::Unchecked locked("by the lock of the inodes of block devices");
  order::serialise(&devices_);
  for (const auto& [dev, device] : devices_) {
    if (device->name() == name) return device;
  }
  return nullptr;
}

void BlockLayer::remove_node(std::string_view path) {
  const order::Unchecked locked("by devtmpfs's locks");
  order::serialise(&nodes_);
  if (const auto it = nodes_.find(path); it != nodes_.end()) nodes_.erase(it);
}

Result<DevT> BlockLayer::lookup_path(std::string_view path) const {
  constexpr std::string_view dev = "dev/";
  // A path that ends in a slash is a directory.
  if (!path.starts_with('/') || path.ends_with('/')) return Errno::noent;
  const std::string place = walk(path);
  if (!place.starts_with(dev)) return Errno::noent;
  const order::Unchecked locked("by devtmpfs's locks");
  order::serialise(&nodes_);
  const auto it = nodes_.find(place.substr(dev.size()));
  if (it == nodes_.end()) return Errno::noent;
  return it->second;
}

std::string BlockLayer::describe_in_flight() const {
  std::string text;
  for (const Bio& bio : ledger_) text += fmt::format("\n  bio in flight: {}", describe(bio));
  return text;
}

void BlockLayer::abandon_bios_of(const BlockDevice& device) {
  for (Bio& bio : ledger_) {
    if (bio.device == &device) bio.device = nullptr;
  }
}

void BlockLayer::note_begin(Bio& bio) {
  const order::Unchecked ledger("for reports: the kernel has no list of bios in flight");
  bio.state = Bio::State::in_flight;
  ledger_.push_back(bio);
}

void BlockLayer::note_end(Bio& bio, Bio::State state) {
  const order::Unchecked ledger("for reports: the kernel has no list of bios in flight");
  bio.state = state;
  ledger_.erase(ledger_.iterator_to(bio));
}

// current->bio_list: the bios submitted from within a driver's submit(). `now` holds those of the submit()
// that is running, `later` those of earlier ones.
struct BioSubmission {
  BioList now;
  BioList later;
};

namespace {

bool beyond_end(const Bio& bio) {
  bio.device->about_to_read_capacity();
  const sector_t size = bio.device->nr_sectors();
  const sector_t sectors = bio.sectors();
  return sectors != 0 && (sectors > size || bio.sector > size - sectors);
}

bool can_do(const BlockDevice& device, BioOp op) {
  if (op != BioOp::read && op != BioOp::write) device.about_to_read_limits();
  switch (op) {
    case BioOp::read:
    case BioOp::write:
      return true;
    case BioOp::discard:
      return device.limits.max_discard_sectors != 0;
    case BioOp::secure_erase:
      return device.limits.max_secure_erase_sectors != 0;
    case BioOp::write_zeroes:
      return device.limits.max_write_zeroes_sectors != 0;
  }
  return false;
}

// The checks of submit_bio_noacct(): the status with which the bio completes at once, if it does.
std::optional<BlockStatus> ends_here(Bio& bio) {
  const BlockDevice& device = *bio.device;
  if (bio.has(bio_nowait) && !device.nowait) return BlockStatus::notsupp;
  if (beyond_end(bio)) return BlockStatus::ioerr;
  // Without a volatile write cache there is nothing to flush; the driver does not see the flags.
  if (bio.is_flush() && !device.write_cache) {
    bio.flags &= static_cast<std::uint16_t>(~(bio_preflush | bio_fua));
    if (bio.size == 0) return BlockStatus::ok;
  }
  if (!can_do(device, bio.op)) return BlockStatus::notsupp;
  return std::nullopt;
}

void submit_each(Task& task, Bio* bio) {
  BioSubmission submission;
  task.bio_submission = &submission;
  do {
    BlockDevice& device = *bio->device;
    submission.later = submission.now.take();
    device.submit(*bio);
    // First bios for lower devices, then those for the same device, then those submitted before.
    BioList lower;
    BioList same;
    while (Bio* noted = submission.now.pop()) (noted->device == &device ? same : lower).add(*noted);
    submission.now.merge(lower);
    submission.now.merge(same);
    submission.now.merge(submission.later);
    bio = submission.now.pop();
  } while (bio != nullptr);
  task.bio_submission = nullptr;
}

}  // namespace

void submit_bio(Bio& bio, Place place) {
  BlockLayer& layer = bio.device->layer();
  Runtime& runtime = layer.runtime();
  runtime.might_sleep("submit_bio");
  if (bio.state == Bio::State::completed) {
    runtime.violation(
        fmt::format("a bio that has ended is submitted again without being made anew: {}", describe(bio)));
  }
  if (bio.state == Bio::State::idle) {
    layer.note_begin(bio);
  }
  // The block layer promises no order of bios in flight.
  runtime.step({Point::submit_bio, place}, writes(&bio));
  if (const std::optional<BlockStatus> status = ends_here(bio)) {
    end_bio(bio, *status, place);
    return;
  }
  Task& task = runtime.current();
  if (task.bio_submission != nullptr) {
    task.bio_submission->now.add(bio);
    return;
  }
  submit_each(task, &bio);
}

namespace {

bool bio_remaining_done(Runtime& runtime, Bio& bio, Place place) {
  runtime.step({Point::end_bio, place}, counts_down(&bio));
  order::modify_ordered(&bio.chained);
  const order::Unchecked atomic("__bi_remaining");
  runtime.left(bio.chained);
  if (bio.chained == 0) return true;
  --bio.chained;
  return false;
}

}  // namespace

void end_bio(Bio& ending, Place place) {
  Bio* bio = &ending;
  while (bio != nullptr) {
    BlockLayer& layer = bio->device->layer();
    Runtime& runtime = layer.runtime();
    if (bio->state != Bio::State::in_flight) {
      runtime.violation(fmt::format("a bio is ended that is {}: {}",
                                    bio->state == Bio::State::completed ? "ended already" : "not in flight",
                                    describe(*bio)));
    }
    if (!bio_remaining_done(runtime, *bio, place)) return;
    layer.note_end(*bio, Bio::State::completed);
    Bio* parent = bio->parent;
    if (parent == nullptr) {
      bio->end_io(*bio);
      return;
    }
    // A part completed: its parent inherits the status, and completes if this was the last part. Of two parts
    // that fail at once either may win: bio_chain_endio().
    if (bio->status != BlockStatus::ok) {
      runtime.fine_step(Point::end_bio, writes(&parent->status));
      if (data_race(parent->status) == BlockStatus::ok) write_once(parent->status, bio->status);
    }
    layer.give_back(*bio);
    bio = parent;
  }
}

void catch_bio(Bio& bio) {
  bio.device->layer().note_begin(bio);
}

Bio& split_bio(Bio& bio, sector_t sectors) {
  BlockLayer& layer = bio.device->layer();
  Bio& part = layer.take_bio();
  const auto bytes = static_cast<std::uint32_t>(to_bytes(sectors));
  part.init(*bio.device, bio.op, bio.sector, bytes, bio.data, bio.flags);
  part.parent = &bio;
  layer.note_begin(part);
  atomic_inc(bio.chained);
  bio.advance(bytes);
  return part;
}

void begin_bio(Bio& bio) {
  BlockLayer& layer = bio.device->layer();
  if (bio.state == Bio::State::in_flight) {
    layer.runtime().violation(fmt::format("a bio is begun that is in flight: {}", describe(bio)));
  }
  layer.note_begin(bio);
}

void withdraw_bio(Bio& bio) {
  BlockLayer& layer = bio.device->layer();
  if (bio.state != Bio::State::in_flight) {
    layer.runtime().violation(fmt::format("a bio is withdrawn that is not in flight: {}", describe(bio)));
  }
  layer.note_end(bio, Bio::State::idle);
}

}  // namespace dmcore
