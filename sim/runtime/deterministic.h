// SPDX-License-Identifier: GPL-2.0-or-later
// The deterministic runtime: fibers on one OS thread, virtual time, and a strategy that chooses the next
// step.
//
// There are no other choices, so the same inputs give the same run. Virtual time passes only while no task is
// ready, unless the strategy wants it otherwise: it jumps to the next event then. For machines that are never
// idle see busy_limits.h.
#pragma once

#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "dmcore/kernel/runtime.h"

#include "sim/race/hooks.h"
#include "sim/runtime/busy_limits.h"
#include "sim/runtime/event_heap.h"
#include "sim/runtime/fiber.h"
#include "sim/runtime/lineage.h"
#include "sim/runtime/observer.h"
#include "sim/runtime/outside.h"
#include "sim/runtime/strategy.h"

namespace sim {

// Thrown by DeterministicRuntime::run() when the machine broke a rule, deadlocked, or spun. what() is the
// report: what happened, all tasks with what they wait for, and what is in flight. The machine cannot be used
// any more.
class MachineStopped : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The same, because the machine has used up its budget of steps.
class OutOfSteps : public MachineStopped {
 public:
  using MachineStopped::MachineStopped;
};

class DeterministicRuntime final : public dmcore::Runtime {
 public:
  explicit DeterministicRuntime(std::unique_ptr<Strategy> strategy = std::make_unique<FifoStrategy>());
  ~DeterministicRuntime() override;

  // Runs `main` as a process, and all other tasks, until main returns. Timers and other tasks are kept until
  // the next run(). Throws MachineStopped, and what tasks throw.
  void run(std::function<void()> main);

  // The same without a main, as long as a task can run now: time does not pass. Returns when the next event
  // is due, if there is one.
  std::optional<dmcore::Time> run_until_idle();
  // Lets time pass to `when`, if that is later than now().
  void pass_time(dmcore::Time when);

  // Where run() asks for events when no task can run: before time jumps, and before a machine whose tasks all
  // wait is called hung. With a clock that follows the host's, events wait for their time. `events` is not
  // owned; null: none, and time jumps.
  void set_outside(OutsideEvents* events, const Clock& clock = {});

  // Stops all tasks where they are, like a power cut, and unwinds their stacks. Called by the destructor.
  // Call it before destroying objects that tasks may still use.
  void kill();

  // A machine whose main task waits is hung after so much virtual time with nothing but housekeeping.
  static constexpr dmcore::Time hung_after = std::chrono::seconds(600);

  // Asked when a machine is hung: a text says what in the simulated world keeps it waiting, and becomes a
  // part of the reason; empty if there is nothing. May be empty.
  using HangReason = std::function<std::string()>;
  void set_hang_reason(HangReason reason) { hang_reason_ = std::move(reason); }

  // To be called before run().
  void set_busy_limits(const BusyLimits& limits);

  // Stops the machine after so many steps more. For a strategy that sees, or an observer, each is counted;
  // else a step is what a task does until it waits or is preempted.
  void set_step_budget(std::uint64_t steps) { steps_left_ = steps; }

  // Sees the run from here on. Not owned; to be called once, before anything is spawned or posted.
  void set_observer(Observer& observer);
  [[nodiscard]] const Lineages& lineages() const { return lineages_; }
  // Of the current task. 0 without a watcher.
  [[nodiscard]] dmcore::Lineage lineage() const { return current_ == nullptr ? 0 : identity().lineage; }

  // Asked when run() begins, and now and then until it ends: a text stops the machine and is the reason. For
  // reasons from outside, such as an interrupt or a limit of the host's time. May be empty.
  using StopRequest = std::function<std::optional<std::string>()>;
  void set_stop_request(StopRequest request) { stop_request_ = std::move(request); }

  // dmcore::Runtime
  [[nodiscard]] dmcore::Time now() const override { return now_; }
  dmcore::Task& spawn(std::string name, std::function<void()> body) override;
  void post_as(dmcore::Event& event, dmcore::Lineage lineage) override;
  void post_at(dmcore::Event& event, dmcore::Time when) override;
  bool cancel(dmcore::Event& event) override;
  void block(const dmcore::WaitingFor& waiting_for, const dmcore::Step& then, bool spinning) override;
  void wake(dmcore::Task& task) override;
  void cond_resched() override;
  void wait_for_new_thread(dmcore::Vruntime& made) override;
  void sleep_for(dmcore::Duration duration) override;
  void settle() override;
  [[noreturn]] void violation(const std::string& text) override;
  void note_violation(const std::string& text) override;

 protected:
  bool before_step(const dmcore::Step& step, bool may_preempt) override;
  void preempt() override;
  void note_kind(dmcore::AccessKind kind) override;
  dmcore::Lineage child_of_current(const char* name) override;
  void set_lineage(dmcore::Lineage lineage) override;
  [[nodiscard]] bool may_presume() const override;
  void note_failed_presumption() override;
  void note_order(dmcore::Lineage earlier, dmcore::Lineage later) override;

 private:
  friend class LineageScope;
  class FiberTask;
  using Event = dmcore::Event;
  using ReadyList = dmcore::LinkedList<Event, &Event::hook>;

  FiberTask& current_fiber() const;
  FiberTask& idle_fiber();
  // Why a task is ready.
  enum class Ready : std::uint8_t { woken, created, preempted };
  void make_ready(Event& event, Ready why);
  void start(Event& event);
  void resume(FiberTask& task);
  Event& take_next();
  Event& take(Event& event);
  void make_due_ready();
  [[nodiscard]] bool turn_is_over() const;
  void preempt_current();
  [[nodiscard]] bool hung() const;
  bool advance_time();
  bool turn();
  void on_idle();
  void wait_for_outside();
  void follow_clock();
  void tick();
  [[nodiscard]] std::string profile();
  void switch_away();

  // deterministic_steps.cpp: what a watcher sees
  Identity& identity();
  Identity rename(Identity identity);
  [[nodiscard]] const Identity& identity() const;
  void take_step(const dmcore::Step& step);
  void spend_step(Choice::What what);
  Event* choose(FiberTask* running);
  void collect_choices(FiberTask* running);
  void collect_deadlines();
  [[nodiscard]] static Choice choice_of(const Event& event, Choice::What what);
  void settled();
  void check_for_violation();
  void check_for_stop_request();
  [[noreturn]] void stop(const std::string& reason);
  [[noreturn]] void stop_hung();
  [[nodiscard]] std::string stopped(const std::string& reason);
  [[nodiscard]] std::string report(const std::string& reason) const;

  std::unique_ptr<Strategy> strategy_;
  BlindStrategy* blind_;  // one of the two is the strategy, the other null
  SeeingStrategy* seeing_;
  bool fifo_;
  Wants wants_;
  Observer* observer_ = nullptr;
  [[no_unique_address]] race::Hooks races_{*this};
  Lineages lineages_;
  Identity outside_;                         // who starts tasks from outside of run()
  Event* chosen_ = nullptr;                  // at a step; has its turn next
  Choice::What turn_ = Choice::What::ready;  // what the turn that begins is
  std::vector<Choice> choices_;              // what the strategy is asked about
  std::vector<Event*> candidates_;           // the events of choices_
  std::uint64_t steps_left_ = std::numeric_limits<std::uint64_t>::max();
  dmcore::Time now_{0};
  dmcore::Time last_progress_{0};
  std::uint64_t next_task_id_ = 1;
  std::vector<std::unique_ptr<FiberTask>> fibers_;
  std::vector<FiberTask*> idle_fibers_;
  std::vector<FiberTask*> settling_;
  ReadyList ready_;  // in the order of their turns
  std::size_t ready_count_ = 0;
  std::int64_t least_vruntime_ = 0;  // cfs_rq->min_vruntime
  EventHeap timed_;
  OutsideEvents* outside_events_ = nullptr;
  Clock clock_;
  BusyLimits busy_limits_;
  std::uint64_t steps_until_tick_ = busy_limits_.steps_until_busy;
  bool busy_ = false;           // ticks have passed since it was last idle
  dmcore::Time busy_since_{0};  // when the processor was last idle or ran a process
  StopRequest stop_request_;
  HangReason hang_reason_;
  std::uint64_t turns_until_asked_ = 0;  // of the loop in run()
  std::string violation_;
  std::exception_ptr failure_;
};

}  // namespace sim
