// SPDX-License-Identifier: GPL-2.0-or-later
// Events from outside of the machine, such as the requests of a client, and how the machine's time passes
// while it waits for them.
//
// All is done on the thread that runs the machine, while no task runs: so what arrives is handled by posting
// events, waking tasks and spawning processes, without locks.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>

#include "dmcore/kernel/types.h"

namespace sim {

class OutsideEvents {
 public:
  // Of the host.
  using Wait = std::chrono::nanoseconds;

  virtual ~OutsideEvents() = default;
  // Handles what has arrived. If nothing has, waits for it: at most so long, or without end. Returns whether
  // anything was handled.
  virtual bool handle(std::optional<Wait> at_most) = 0;
  // Whether anything can arrive. If not, a machine that waits for it is hung.
  [[nodiscard]] virtual bool expected() const = 0;
};

// File descriptors that are polled.
class Descriptors final : public OutsideEvents {
 public:
  // Called with poll()'s revents.
  using Ready = std::function<void(short)>;

  Descriptors();
  Descriptors(const Descriptors&) = delete;
  Descriptors& operator=(const Descriptors&) = delete;
  ~Descriptors() override;

  // `events`: poll()'s. The descriptor stays the caller's, who must not close it before forget(). Both may be
  // called from a Ready.
  void watch(int descriptor, short events, Ready ready);
  void forget(int descriptor);
  // Ends a handle() that waits, without an event: may be called from a signal handler or another thread.
  void interrupt() const;

  bool handle(std::optional<Wait> at_most) override;
  [[nodiscard]] bool expected() const override { return !watched_.empty(); }

 private:
  struct Watched {
    short events;
    Ready ready;
  };
  std::map<int, Watched> watched_;
  int interrupted_;  // an eventfd
};

// How the machine's time follows the host's.
class Clock {
 public:
  using HostNow = std::function<std::chrono::nanoseconds()>;

  // Virtual time: jumps to the next event when no task can run.
  Clock() = default;
  // `speed` seconds pass in the machine while one passes on the host; 1: real time. Above 0. `host_now` is
  // the monotonic clock if it is empty.
  static Clock scaled(double speed, HostNow host_now = {});

  [[nodiscard]] bool jumps() const { return !host_now_; }
  // The rest is for clocks that do not jump. From here on: the machine's time is `machine_now`.
  void begin(dmcore::Time machine_now);
  [[nodiscard]] dmcore::Time now() const;
  // How long the host has to wait until the machine's time is `when`; 0 if that is over.
  [[nodiscard]] std::chrono::nanoseconds until(dmcore::Time when) const;

 private:
  double speed_ = 1;
  HostNow host_now_;
  std::chrono::nanoseconds host_begin_{0};
  dmcore::Time machine_begin_{0};
};

}  // namespace sim
