// SPDX-License-Identifier: GPL-2.0-or-later
// delay DEVICE START DELAY [WRITE_DEVICE WRITE_START WRITE_DELAY [FLUSH_DEVICE FLUSH_START FLUSH_DELAY]]:
// delays each bio by so many milliseconds; writes and flushes may go to other devices than reads
// (drivers/md/dm-delay.c).
#include <algorithm>
#include <fmt/format.h>

#include "dmcore/dm/table.h"
#include "dmcore/kernel/order.h"
#include "dmcore/kernel/workqueue.h"
#include "dmcore/targets/targets.h"

namespace dmcore {

namespace {

constexpr std::uint64_t ms_per_jiffy = 1000 / hz;

class DelayTarget final : public Target {
 public:
  DelayTarget(Table& table, sector_t begin, sector_t len)
      : Target(table, begin, len),
        lock_(runtime(), "delayed bios"),
        timer_lock_(runtime(), "delay timer"),
        queue_(runtime(), "kdelayd"),
        expired_work_(runtime(), "delayed bios", [this] { submit(take_bios(false)); }),
        timer_(runtime(), "delay", [this] { queue_.queue(expired_work_); }) {}

  Status ctr(std::span<const std::string> argv) override;
  void dtr() override;
  MapResult map(Bio& bio) override;
  void presuspend() override;
  void resume() override { may_delay_ = true; }
  std::string status(StatusType type, bool noflush) override;
  bool iterate_devices(const DeviceVisitor& visit) override;
  [[nodiscard]] bool has_iterate_devices() const override { return true; }

 private:
  // The device and delay of one class of bios.
  struct Class {
    TableDevice* device = nullptr;
    sector_t start = 0;
    unsigned delay_ms = 0;
    unsigned held = 0;  // bios delayed now
  };
  // Per-bio data.
  struct Delayed {
    Class* its_class;
    std::uint64_t expires;  // jiffies
  };

  Status read_class(Class& c, std::span<const std::string> argv);
  void put_devices();
  MapResult hold(Class& c, Bio& bio);
  void arm_timer(std::uint64_t expires);
  BioList take_bios(bool all);
  static void submit(BioList bios);

  std::size_t argc_ = 0;
  Class read_;
  Class write_;
  Class flush_;

  Mutex lock_;  // protects the fields below
  BioList bios_;
  bool may_delay_ = true;

  Mutex timer_lock_;
  WorkQueue queue_;
  WorkItem expired_work_;
  Timer timer_;
};

Status DelayTarget::ctr(std::span<const std::string> argv) {
  argc_ = argv.size();
  if (argc_ != 3 && argc_ != 6 && argc_ != 9) return fail("Requires exactly 3, 6 or 9 arguments");
  // Classes that are not given are like the previous one.
  Status status = read_class(read_, argv.first(3));
  if (status.ok()) status = read_class(write_, argv.subspan(argc_ > 3 ? 3 : 0, 3));
  if (status.ok()) status = read_class(flush_, argv.last(3));
  if (!status.ok()) {
    put_devices();
    return status;
  }
  num_flush_bios = 1;
  num_discard_bios = 1;
  accounts_remapped_io = true;
  return {};
}

Status DelayTarget::read_class(Class& c, std::span<const std::string> argv) {
  const auto start = scan_u64(argv[1]);
  if (!start) return fail("Invalid device sector");
  const auto delay = scan_u32(argv[2]);
  if (!delay) return fail("Invalid delay");
  const auto device = get_device(argv[0], table().mode());
  if (!device.ok()) return fail("Device lookup failed", device.error());
  c.device = *device;
  c.start = *start;
  c.delay_ms = *delay;
  return {};
}

void DelayTarget::put_devices() {
  for (const Class* c : {&read_, &write_, &flush_}) {
    if (c->device != nullptr) put_device(c->device);
  }
}

void DelayTarget::dtr() {
  // The worker may have armed it again after presuspend().
  timer_.cancel();
  queue_.destroy();
  put_devices();
}

MapResult DelayTarget::map(Bio& bio) {
  Class& c = !bio.is_write() ? read_ : bio.has(bio_preflush) ? flush_ : write_;
  bio.device = c.device->device;
  bio.sector = c.start + target_sector(bio.sector);
  return hold(c, bio);
}

MapResult DelayTarget::hold(Class& c, Bio& bio) {
  if (c.delay_ms == 0) return MapResult::remapped;
  const std::uint64_t expires = runtime().jiffies() + div_round_up(c.delay_ms, ms_per_jiffy);
  {
    const MutexGuard guard(lock_);
    if (!may_delay_) return MapResult::remapped;
    per_bio_data_as<Delayed>(bio) = {&c, expires};
    ++c.held;
    bios_.add(bio);
  }
  arm_timer(expires);
  return MapResult::submitted;
}

// Arms the timer for the bio that expires first.
void DelayTarget::arm_timer(std::uint64_t expires) {
  const MutexGuard guard(timer_lock_);
  if (!timer_.armed() || expires < timer_.expires()) timer_.modify(expires);
}

// flush_delayed_bios(): removes the expired bios, or all, and arms the timer for the others.
BioList DelayTarget::take_bios(bool all) {
  BioList taken;
  BioList rest;
  std::uint64_t next_expires = 0;
  {
    const MutexGuard guard(lock_);
    while (Bio* bio = bios_.pop()) {
      const Delayed& delayed = per_bio_data_as<Delayed>(*bio);
      if (all || runtime().jiffies() >= delayed.expires) {
        --delayed.its_class->held;
        taken.add(*bio);
        continue;
      }
      next_expires = rest.empty() ? delayed.expires : std::min(next_expires, delayed.expires);
      rest.add(*bio);
    }
    bios_.merge(rest);
  }
  if (next_expires != 0) arm_timer(next_expires);
  return taken;
}

void DelayTarget::submit(BioList bios) {
  while (Bio* bio = bios.pop()) submit_bio(*bio);
}

void DelayTarget::presuspend() {
  {
    const MutexGuard guard(lock_);
    may_delay_ = false;
  }
  timer_.cancel();
  submit(take_bios(true));
}

std::string DelayTarget::status(StatusType type_of_status, bool /*noflush*/) {
  const auto line = [](const Class& c) {
    return fmt::format("{} {} {}", c.device->name, c.start, c.delay_ms);
  };
  switch (type_of_status) {
    case StatusType::info:
      // delay_status() has no lock.
      return fmt::format("{} {} {}", data_race(read_.held), data_race(write_.held), data_race(flush_.held));
    case StatusType::table: {
      std::string text = line(read_);
      if (argc_ >= 6) text += fmt::format(" {}", line(write_));
      if (argc_ >= 9) text += fmt::format(" {}", line(flush_));
      return text;
    }
    case StatusType::ima:
      return {};
  }
  return {};
}

bool DelayTarget::iterate_devices(const DeviceVisitor& visit) {
  return visit(*read_.device, read_.start, len()) || visit(*write_.device, write_.start, len()) ||
         visit(*flush_.device, flush_.start, len());
}

TargetArguments delay_arguments() {
  return {.summary = "a device that is slow",
          .parts = {Sequence{.arguments = {data_device_argument(), start_argument(),
                                           Argument{.name = "delay",
                                                    .meaning = "how long each is held back",
                                                    .format = NumberFormat::scanned_32,
                                                    .unit = Argument::Unit::milliseconds,
                                                    .max = UINT32_MAX}},
                             .turns = {"reads", "writes", "flushes"}}}};
}

}  // namespace

TargetType delay_target_type() {
  TargetType type;
  type.name = "delay";
  type.version = {1, 3, 0};
  type.features = TargetType::passes_integrity;
  type.arguments = delay_arguments;
  type.make = [](Table& table, sector_t begin, sector_t len) {
    return std::make_unique<DelayTarget>(table, begin, len);
  };
  return type;
}

}  // namespace dmcore
