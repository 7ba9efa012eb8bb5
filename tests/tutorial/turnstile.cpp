// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/tutorial/turnstile.h"

#include <algorithm>
#include <fmt/format.h>

#include "dmcore/dm/table.h"
#include "dmcore/dm/target_arguments.h"

namespace tutorial {

using dmcore::Errno;
using dmcore::IrqSpinGuard;
using dmcore::StatusType;

Turnstile::Turnstile(dmcore::Table& table, dmcore::sector_t begin, dmcore::sector_t len)
    : Target(table, begin, len),
      lock_(runtime(), "turnstile"),
      queue_(runtime(), "turnstile"),
      let_in_work_(runtime(), "let in", [this] { let_in(); }) {}

Status Turnstile::ctr(std::span<const std::string> argv) {
  if (argv.size() != 3) return fail("Invalid argument count");
  const auto start = dmcore::scan_u64(argv[1]);
  if (!start) return fail("Invalid device sector");
  const auto limit = dmcore::parse_u32(argv[2]);
  if (!limit.ok()) return fail("Invalid limit");
  const auto device = get_device(argv[0], table().mode());
  if (!device.ok()) return fail("Device lookup failed", device.error());
  device_ = *device;
  start_ = *start;
  limit_ = *limit;

  has_end_io = true;
  num_flush_bios = 1;
  num_discard_bios = 1;
  return {};
}

void Turnstile::dtr() {
  queue_.destroy();
  put_device(device_);
}

void Turnstile::remap(Bio& bio) const {
  bio.device = device_->device;
  bio.sector = start_ + target_sector(bio.sector);
}

void Turnstile::enter() {
  ++inside_;
  peak_ = std::max(peak_, inside_);
}

MapResult Turnstile::map(Bio& bio) {
  remap(bio);
  const IrqSpinGuard guard(lock_);
  if (!line_.empty() || !has_room()) {
    line_.add(bio);
    return MapResult::submitted;
  }
  enter();
  return MapResult::remapped;
}

EndIoResult Turnstile::end_io(Bio&, dmcore::BlockStatus&) {
  const IrqSpinGuard guard(lock_);
  --inside_;
  if (!line_.empty()) queue_.queue(let_in_work_);
  return EndIoResult::done;
}

void Turnstile::let_in() {
  dmcore::BioList admitted;
  {
    const IrqSpinGuard guard(lock_);
    while (!line_.empty() && has_room()) {
      enter();
      admitted.add(*line_.pop());
    }
  }
  while (Bio* bio = admitted.pop()) submit_bio(*bio);
}

void Turnstile::presuspend() {
  {
    const IrqSpinGuard guard(lock_);
    suspending_ = true;
  }
  let_in();
}

void Turnstile::resume() {
  const IrqSpinGuard guard(lock_);
  suspending_ = false;
}

std::string Turnstile::status(StatusType type_of_status, bool /*noflush*/) {
  const IrqSpinGuard guard(lock_);
  switch (type_of_status) {
    case StatusType::info:
      return fmt::format("{} {} {}", inside_, line_.size(), peak_);
    case StatusType::table:
      return fmt::format("{} {} {}", device_->name, start_, limit_);
    case StatusType::ima:
      return {};
  }
  return {};
}

Status Turnstile::message(std::span<const std::string> argv, std::string&) {
  if (argv.size() != 2 || !dmcore::equal_ignoring_case(argv[0], "limit")) {
    log().err("turnstile", "the only message is: limit NUMBER");
    return Errno::inval;
  }
  const auto limit = dmcore::parse_u32(argv[1]);
  if (!limit.ok()) return Errno::inval;
  {
    const IrqSpinGuard guard(lock_);
    limit_ = *limit;
  }
  let_in();
  return {};
}

dmcore::TargetArguments turnstile_arguments() {
  return {.summary = "a device that lets a limited number of bios in at once",
          .parts = {dmcore::data_device_argument(), dmcore::start_argument(),
                    dmcore::Argument{.name = "limit",
                                     .meaning = "how many bios; 0: none",
                                     .format = dmcore::NumberFormat::parsed,
                                     .max = UINT32_MAX}}};
}

dmcore::TargetType turnstile_target_type() {
  dmcore::TargetType type;
  type.name = "turnstile";
  type.version = {1, 0, 0};
  type.has_message = true;
  type.arguments = turnstile_arguments;
  type.make = [](dmcore::Table& table, dmcore::sector_t begin, dmcore::sector_t len) {
    return std::make_unique<Turnstile>(table, begin, len);
  };
  return type;
}

}  // namespace tutorial
