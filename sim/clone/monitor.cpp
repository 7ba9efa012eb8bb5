// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/clone/monitor.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <utility>

#include "dmclone/dialect.h"

#include "sim/clone/failure.h"
#include "sim/store/host_error.h"

namespace sim::clone {

using dmcore::Duration;
using host::CloneStatus;

namespace {

constexpr Duration interval_min = std::chrono::microseconds(100);
constexpr Duration interval_max = std::chrono::milliseconds(100);
// How often a steady clone is looked at, from its beginning to its end.
constexpr std::uint64_t looks = 200;

std::optional<std::uint64_t> threshold_of(const CloneStatus& status) {
  for (const auto& [key, value] : status.core_arguments) {
    std::uint64_t number = 0;
    if (key == dmclone::threshold_key &&
        std::from_chars(value.data(), value.data() + value.size(), number).ec == std::errc())
      return number;
  }
  return std::nullopt;
}

}  // namespace

// A periodic chore, which keeps no machine alive that hangs.
Monitor::Monitor(host::Host& host, Listener& listener, Setup setup, std::function<void(Progress&)> progress)
    : host_(host),
      listener_(listener),
      setup_(std::move(setup)),
      fill_progress_(std::move(progress)),
      look_event_("clone monitor", dmcore::TaskKind::worker, [this] { look(); }),
      hydrated_(host.machine().runtime(), "hydration of the clone"),
      interval_(interval_min) {
  look_event_.housekeeping = true;
}

Monitor::~Monitor() {
  host_.machine().runtime().cancel(look_event_);
}

void Monitor::begin() {
  last_change_ = host_.now();
  host_.machine().runtime().post_at(look_event_, host_.now() + interval_);
}

void Monitor::wait_until_hydrated() {
  workload_over_ = true;
  last_change_ = host_.now();
  hydrated_.wait();
}

void Monitor::check_host() {
  const std::vector<HostError> errors = host_.machine().host_errors().take();
  if (!errors.empty()) fail(describe(errors.front()));
}

void Monitor::fail(const std::string& reason) {
  throw Failed(last_.regions == 0
                   ? reason
                   : fmt::format("{} ({} of {} regions are copied)", reason, last_.hydrated, last_.regions));
}

void Monitor::look() {
  const auto status = host_.dm().clone_status(setup_.device);
  if (status.ok()) report(*status);
  const bool interrupted = listener_.interrupted();
  const std::vector<HostError> errors = host_.machine().host_errors().take();
  if (interrupted || !errors.empty()) {
    // The status with a flush commits the metadata. What comes of that changes nothing here.
    (void)host_.dm().clone_status(setup_.device, false);
    if (interrupted) throw Interrupted("interrupted");
    fail(describe(errors.front()));
  }
  if (workload_over_) {
    if (status.ok() && status->hydrated()) {
      hydrated_at_ = host_.now();
      hydrated_.complete();
      return;
    }
    if (const auto reason = standstill(status)) fail(*reason);
  }
  host_.machine().runtime().post_at(look_event_, host_.now() + interval_);
}

void Monitor::report(const CloneStatus& status) {
  if (status.regions == 0) return;
  if (status.hydrated_regions != last_.hydrated) last_change_ = host_.now();
  adapt_interval(status.hydrated_regions, status.regions);
  last_ = {.hydrated = status.hydrated_regions,
           .regions = status.regions,
           .hydrating = status.hydrating_regions,
           .now = host_.now()};
  fill_progress_(last_);
  listener_.progress(last_);
}

// Virtual time says little about how long something takes: it is regions that count.
void Monitor::adapt_interval(std::uint64_t hydrated, std::uint64_t regions) {
  const std::uint64_t copied = hydrated - std::min(hydrated, last_.hydrated);
  if (copied * looks > regions) {
    interval_ = std::max(interval_ / 2, interval_min);
  } else if (copied * looks * 2 < regions) {
    interval_ = std::min(interval_ * 2, interval_max);
  }
}

std::optional<std::string> Monitor::standstill(const host::DmResult<CloneStatus>& status) {
  if (!status.ok()) return fmt::format("the workload has removed or replaced `{}`", setup_.device);
  if (status->mode != CloneStatus::Mode::read_write) return "the clone can no longer write its metadata";
  if (host_.now() - last_change_ > setup_.patience) {
    return fmt::format("no region was hydrated in {:.0f} s of virtual time",
                       std::chrono::duration<double>(setup_.patience).count());
  }
  if (status->hydrating_regions != 0) return std::nullopt;
  const auto info = host_.dm().info(setup_.device);
  if (info.ok() && info->suspended) return fmt::format("the workload has left `{}` suspended", setup_.device);
  if (status->has_feature("no_hydration"))
    return "the workload has disabled hydration and not enabled it again";
  if (const auto threshold = threshold_of(*status); threshold && *threshold < setup_.threshold_min) {
    return fmt::format(
        "with a hydration threshold of {} (--threshold), less than one region, nothing is hydrated",
        *threshold);
  }
  return std::nullopt;
}

}  // namespace sim::clone
