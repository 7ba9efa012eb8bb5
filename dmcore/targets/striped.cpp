// SPDX-License-Identifier: GPL-2.0-or-later
// striped STRIPES CHUNK_SIZE [DEVICE START]...: distributes chunks of CHUNK_SIZE sectors over the devices,
// round robin (drivers/md/dm-stripe.c).
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <vector>

#include "dmcore/dm/table.h"
#include "dmcore/kernel/atomic.h"
#include "dmcore/kernel/workqueue.h"
#include "dmcore/targets/ima.h"
#include "dmcore/targets/targets.h"

namespace dmcore {

namespace {

// DM_IO_ERROR_THRESHOLD: a device with as many errors causes no more events.
constexpr unsigned errors_with_events = 15;

class StripedTarget final : public Target {
 public:
  StripedTarget(Table& table, sector_t begin, sector_t len)
      : Target(table, begin, len),
        event_queue_(runtime(), "events"),
        event_work_(runtime(), "stripe event", [this] { this->table().event(); }) {}

  Status ctr(std::span<const std::string> argv) override;
  void dtr() override;
  MapResult map(Bio& bio) override;
  EndIoResult end_io(Bio& bio, BlockStatus& status) override;
  std::string status(StatusType type, bool noflush) override;
  bool iterate_devices(const DeviceVisitor& visit) override;
  [[nodiscard]] bool has_iterate_devices() const override { return true; }
  void io_hints(QueueLimits& limits) override;

 private:
  struct Stripe {
    Stripe(Runtime& runtime, TableDevice* its_device, sector_t its_start)
        : device(its_device), start(its_start), errors(runtime, 0) {}
    TableDevice* device;
    sector_t start;
    Atomic<unsigned> errors;
  };
  // A position on a stripe, in sectors from its start.
  struct Place {
    std::uint32_t stripe;
    sector_t sector;
  };

  Status add_stripe(const std::string& path, const std::string& start);
  void put_stripes();
  [[nodiscard]] Place place_of(sector_t sector) const;
  [[nodiscard]] sector_t first_on(std::uint32_t stripe, sector_t sector) const;
  MapResult map_range(Bio& bio, std::uint32_t stripe);

  std::vector<std::unique_ptr<Stripe>> stripes_;
  sector_t stripe_width_ = 0;  // of each stripe
  std::uint32_t chunk_size_ = 0;
  WorkQueue event_queue_;
  WorkItem event_work_;
};

Status StripedTarget::ctr(std::span<const std::string> argv) {
  if (argv.size() < 2) return fail("Not enough arguments");
  const auto stripes = parse_u32(argv[0]);
  if (!stripes.ok() || *stripes == 0) return fail("Invalid stripe count");
  const auto chunk_size = parse_u32(argv[1]);
  if (!chunk_size.ok() || *chunk_size == 0) return fail("Invalid chunk_size");
  if (len() % *stripes != 0) return fail("Target length not divisible by number of stripes");
  stripe_width_ = len() / *stripes;
  if (stripe_width_ % *chunk_size != 0) return fail("Target length not divisible by chunk size");
  // Computed in 32 bits, as in the kernel. A count that overflows fails for lack of memory.
  if (argv.size() != 2 + 2 * *stripes) return fail("Not enough destinations specified");
  if (*stripes > argv.size()) return fail("Memory allocation for striped context failed", Errno::nomem);
  chunk_size_ = *chunk_size;
  DMCORE_TRY(set_max_io_len(chunk_size_));

  num_flush_bios = *stripes;
  num_discard_bios = *stripes;
  num_secure_erase_bios = *stripes;
  num_write_zeroes_bios = *stripes;
  has_end_io = true;

  for (std::size_t i = 2; i < argv.size(); i += 2) {
    const Status added = add_stripe(argv[i], argv[i + 1]);
    if (added.ok()) continue;
    put_stripes();
    return fail("Couldn't parse stripe destination", added.error());
  }
  return {};
}

Status StripedTarget::add_stripe(const std::string& path, const std::string& start) {
  const auto sector = scan_u64(start);
  if (!sector) return Errno::inval;
  const auto device = get_device(path, table().mode());
  DMCORE_TRY(device.status());
  stripes_.push_back(std::make_unique<Stripe>(runtime(), *device, *sector));
  return {};
}

void StripedTarget::put_stripes() {
  for (const std::unique_ptr<Stripe>& stripe : stripes_) put_device(stripe->device);
  stripes_.clear();
}

void StripedTarget::dtr() {
  put_stripes();
  event_queue_.destroy();
}

StripedTarget::Place StripedTarget::place_of(sector_t sector) const {
  const sector_t offset = target_sector(sector);
  const sector_t chunk = offset / chunk_size_;
  return {static_cast<std::uint32_t>(chunk % stripes_.size()),
          chunk / stripes_.size() * chunk_size_ + offset % chunk_size_};
}

// stripe_map_range_sector(): the position on the stripe of its first sector that is not before `sector`.
sector_t StripedTarget::first_on(std::uint32_t stripe, sector_t sector) const {
  const Place place = place_of(sector);
  if (place.stripe == stripe) return place.sector;
  const sector_t chunk_begin = round_down(place.sector, chunk_size_);
  return stripe < place.stripe ? chunk_begin + chunk_size_ : chunk_begin;
}

// The part of the range that is on the stripe is contiguous there.
MapResult StripedTarget::map_range(Bio& bio, std::uint32_t stripe) {
  const sector_t begin = first_on(stripe, bio.sector);
  const sector_t end = first_on(stripe, bio.end_sector());
  if (begin >= end) {
    end_bio(bio);
    return MapResult::submitted;
  }
  bio.device = stripes_[stripe]->device->device;
  bio.sector = begin + stripes_[stripe]->start;
  bio.size = static_cast<std::uint32_t>(to_bytes(end - begin));
  return MapResult::remapped;
}

MapResult StripedTarget::map(Bio& bio) {
  if (bio.has(bio_preflush)) {
    bio.device = stripes_[target_bio_nr(bio)]->device->device;
    return MapResult::remapped;
  }
  if (bio.op != BioOp::read && bio.op != BioOp::write) return map_range(bio, target_bio_nr(bio));
  const Place place = place_of(bio.sector);
  bio.device = stripes_[place.stripe]->device->device;
  bio.sector = stripes_[place.stripe]->start + place.sector;
  return MapResult::remapped;
}

EndIoResult StripedTarget::end_io(Bio& bio, BlockStatus& status) {
  if (status == BlockStatus::ok || status == BlockStatus::notsupp) return EndIoResult::done;
  // The bio only has the device, so the errors of all its stripes are counted, as in the kernel.
  const std::string failed = to_string(bio.device->dev());
  for (const std::unique_ptr<Stripe>& stripe : stripes_) {
    if (stripe->device->name != failed) continue;
    stripe->errors.inc();
    if (stripe->errors.read() < errors_with_events) event_queue_.queue(event_work_);
  }
  return EndIoResult::done;
}

std::string StripedTarget::status(StatusType type_of_status, bool /*noflush*/) {
  const auto health = [](const Stripe& stripe) { return stripe.errors.read() != 0 ? 'D' : 'A'; };
  std::string text;
  switch (type_of_status) {
    case StatusType::info:
      text = fmt::format("{} ", stripes_.size());
      for (const auto& stripe : stripes_) text += stripe->device->name + " ";
      text += "1 ";
      for (const auto& stripe : stripes_) text += health(*stripe);
      break;
    case StatusType::table:
      text = fmt::format("{} {}", stripes_.size(), chunk_size_);
      for (const auto& stripe : stripes_) text += fmt::format(" {} {}", stripe->device->name, stripe->start);
      break;
    case StatusType::ima:
      text = fmt::format("{},stripes={},chunk_size={}", ima_name_and_version(*type), stripes_.size(),
                         chunk_size_);
      for (std::size_t i = 0; i < stripes_.size(); ++i) {
        text += fmt::format(",stripe_{0}_device_name={1},stripe_{0}_physical_start={2},stripe_{0}_status={3}",
                            i, stripes_[i]->device->name, stripes_[i]->start, health(*stripes_[i]));
      }
      text += ";";
      break;
  }
  return text;
}

bool StripedTarget::iterate_devices(const DeviceVisitor& visit) {
  for (const auto& stripe : stripes_) {
    if (visit(*stripe->device, stripe->start, stripe_width_)) return true;
  }
  return false;
}

void StripedTarget::io_hints(QueueLimits& limits) {
  const std::uint32_t chunk_bytes = chunk_size_ << sector_shift;
  set_io_min(limits, chunk_bytes);
  limits.io_opt = chunk_bytes * static_cast<std::uint32_t>(stripes_.size());
}

TargetArguments striped_arguments() {
  const std::string stripes = "stripes";
  return {.summary = "several devices by turns",
          .parts = {Argument{.name = stripes,
                             .meaning = "how many devices take turns",
                             .format = NumberFormat::parsed,
                             .min = 1,
                             .max = UINT32_MAX,
                             .divides = Argument::Divides::length},
                    Argument{.name = "chunk size",
                             .meaning = "how much is on one device before it is the next one's turn",
                             .format = NumberFormat::parsed,
                             .unit = Argument::Unit::sectors,
                             .min = 1,
                             .max = UINT32_MAX,
                             .divides = Argument::Divides::share},
                    Sequence{.arguments = {data_device_argument(), start_argument()},
                             .times_of = stripes,
                             .shares_length = true}}};
}

}  // namespace

TargetType striped_target_type() {
  TargetType type;
  type.name = "striped";
  type.version = {1, 6, 0};
  type.features = TargetType::passes_integrity | TargetType::nowait;
  type.has_io_hints = true;
  type.arguments = striped_arguments;
  type.make = [](Table& table, sector_t begin, sector_t len) {
    return std::make_unique<StripedTarget>(table, begin, len);
  };
  return type;
}

}  // namespace dmcore
