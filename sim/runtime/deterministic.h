// SPDX-License-Identifier: GPL-2.0-or-later
// The deterministic runtime: fibers on one OS thread, virtual time, a strategy that decides who runs.
//
// Nothing but the strategy decides anything, so the same inputs give the same run. Time is virtual: it does
// not move while anything can run, and then jumps to the next event. A machine that is never idle is the
// exception: see busy_limits.h.
#pragma once

#include <boost/intrusive/list.hpp>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "dmcore/kernel/runtime.h"

#include "sim/runtime/busy_limits.h"
#include "sim/runtime/event_heap.h"
#include "sim/runtime/fiber.h"
#include "sim/runtime/strategy.h"

namespace sim {

// Thrown by DeterministicRuntime::run() when the machine broke a rule, deadlocked, or span. what() is the
// whole report: what happened, each task with what it waits for, what is in flight. The machine cannot go on.
class MachineStopped : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class DeterministicRuntime final : public dmcore::Runtime {
 public:
  explicit DeterministicRuntime(std::unique_ptr<Strategy> strategy = std::make_unique<FifoStrategy>());
  ~DeterministicRuntime() override;

  // Runs `main` as a process, and everything else besides, until main returns. What is then still going on
  // (timers, blocked tasks) stays as it is until the next run(). Throws MachineStopped; also what `main`
  // throws.
  void run(std::function<void()> main);

  // Ends every task where it stands, as a power cut does, and unwinds their stacks. Called by the destructor;
  // call it earlier to destroy, afterwards, the objects that tasks still used.
  void kill();

  // After this much virtual time in which only housekeeping timers ran, a machine whose main task waits is
  // called dead.
  static constexpr dmcore::Time hung_after = std::chrono::seconds(600);

  // Before run().
  void set_busy_limits(const BusyLimits& limits);

  // dmcore::Runtime
  [[nodiscard]] dmcore::Time now() const override { return now_; }
  dmcore::Task& spawn(std::string name, std::function<void()> body) override;
  void post(dmcore::Event& event) override;
  void post_at(dmcore::Event& event, dmcore::Time when) override;
  bool cancel(dmcore::Event& event) override;
  void block(const dmcore::WaitingFor& waiting_for, bool spinning) override;
  void wake(dmcore::Task& task) override;
  void sleep_for(dmcore::Duration duration) override;
  void settle() override;
  [[noreturn]] void violation(const std::string& text) override;
  void note_violation(const std::string& text) override;

 protected:
  void preempt(dmcore::Point point, const void* object) override;

 private:
  class FiberTask;
  using Event = dmcore::Event;
  using Ready =
      boost::intrusive::list<Event, boost::intrusive::member_hook<Event, Event::Hook, &Event::hook>>;

  FiberTask& current_fiber() const;
  FiberTask& idle_fiber();
  void make_ready(Event& event);
  void start(Event& event);
  void resume(FiberTask& task);
  Event& take_next_ready();
  void make_due_ready();
  bool advance_time();
  void on_idle();
  void tick();
  [[nodiscard]] std::string profile();
  void switch_away();
  void settled();
  void check_for_violation();
  [[noreturn]] void stop(const std::string& reason);
  [[nodiscard]] std::string report(const std::string& reason) const;

  std::unique_ptr<Strategy> strategy_;
  dmcore::Time now_{0};
  dmcore::Time last_progress_{0};
  std::uint64_t next_task_id_ = 1;
  std::vector<std::unique_ptr<FiberTask>> fibers_;
  std::vector<FiberTask*> idle_fibers_;
  std::vector<FiberTask*> settling_;
  Ready ready_;
  std::size_t ready_count_ = 0;
  EventHeap timed_;
  BusyLimits busy_limits_;
  std::uint64_t steps_until_tick_ = busy_limits_.steps_until_busy;
  dmcore::Time busy_since_{0};  // when the processor was last idle, or last ran a process
  std::string violation_;
  std::exception_ptr failure_;
};

}  // namespace sim
