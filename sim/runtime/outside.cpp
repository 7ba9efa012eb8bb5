// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/runtime/outside.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace sim {

namespace {

std::system_error host_error(const char* what) {
  return {errno, std::generic_category(), what};
}

}  // namespace

Descriptors::Descriptors() : interrupted_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (interrupted_ < 0) throw host_error("eventfd");
}

Descriptors::~Descriptors() {
  close(interrupted_);
}

void Descriptors::watch(int descriptor, short events, Ready ready) {
  watched_.insert_or_assign(descriptor, Watched{events, std::move(ready)});
}

void Descriptors::forget(int descriptor) {
  watched_.erase(descriptor);
}

void Descriptors::interrupt() const {
  const int error = errno;
  // If it fails the counter is at its maximum, so that the wait ends anyway.
  [[maybe_unused]] const int failed = eventfd_write(interrupted_, 1);
  errno = error;
}

bool Descriptors::handle(std::optional<Wait> at_most) {
  std::vector<pollfd> polled{{interrupted_, POLLIN, 0}};
  for (const auto& [descriptor, watched] : watched_) polled.push_back({descriptor, watched.events, 0});
  timespec limit{};
  if (at_most) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*at_most);
    limit = {seconds.count(), (*at_most - seconds).count()};
  }
  if (ppoll(polled.data(), polled.size(), at_most ? &limit : nullptr, nullptr) < 0) {
    if (errno != EINTR) throw host_error("ppoll");
    return false;
  }
  bool handled = false;
  for (const pollfd& entry : polled) {
    if (entry.revents == 0) continue;
    if (entry.fd == interrupted_) {
      eventfd_t count = 0;
      eventfd_read(interrupted_, &count);
      continue;
    }
    // One that was handled before may have had it forgotten.
    const auto watched = watched_.find(entry.fd);
    if (watched == watched_.end()) continue;
    const Ready ready = watched->second.ready;
    ready(entry.revents);
    handled = true;
  }
  return handled;
}

Clock Clock::scaled(double speed, HostNow host_now) {
  Clock clock;
  clock.speed_ = speed;
  clock.host_now_ =
      host_now ? std::move(host_now) : [] { return std::chrono::steady_clock::now().time_since_epoch(); };
  return clock;
}

void Clock::begin(dmcore::Time machine_now) {
  host_begin_ = host_now_();
  machine_begin_ = machine_now;
}

dmcore::Time Clock::now() const {
  const auto passed = static_cast<double>((host_now_() - host_begin_).count());
  return machine_begin_ + dmcore::Time(static_cast<std::int64_t>(passed * speed_));
}

std::chrono::nanoseconds Clock::until(dmcore::Time when) const {
  const auto from_begin = static_cast<double>((when - machine_begin_).count());
  const std::chrono::nanoseconds at(static_cast<std::int64_t>(std::ceil(from_begin / speed_)));
  return std::max(host_begin_ + at - host_now_(), std::chrono::nanoseconds(0));
}

}  // namespace sim
