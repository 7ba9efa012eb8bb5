// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <utility>

#include "dmcore/kernel/order.h"

#include "sim/runtime/fiber_task.h"

namespace sim {

using dmcore::Event;
using dmcore::Lineage;
using dmcore::Point;
using dmcore::Step;
using dmcore::Task;
using dmcore::TaskKind;
using dmcore::Time;
using dmcore::WaitingFor;

DeterministicRuntime::DeterministicRuntime(std::unique_ptr<Strategy> strategy)
    : strategy_(std::move(strategy)),
      blind_(dynamic_cast<BlindStrategy*>(strategy_.get())),
      seeing_(dynamic_cast<SeeingStrategy*>(strategy_.get())),
      fifo_(dynamic_cast<FifoStrategy*>(strategy_.get()) != nullptr) {
  if (seeing_ != nullptr) {
    wants_ = seeing_->wants();
    attention_ = watching;
    if (wants_.parallel_work) attention_ |= many_processors;
  } else if (blind_->preemptive()) {
    attention_ = preempting;
  }
}

DeterministicRuntime::~DeterministicRuntime() {
  kill();
}

void DeterministicRuntime::kill() {
  attention_ |= torn_down;
  races_.stop();
  ready_.clear();
  ready_count_ = 0;
  chosen_ = nullptr;
  timed_.clear();
  idle_fibers_.clear();
  settling_.clear();
  // One by one, since the destructors that unwinding runs use current(); the main task last, whose objects
  // the others use.
  for (auto fiber = fibers_.rbegin(); fiber != fibers_.rend(); ++fiber) {
    current_ = fiber->get();
    fiber->reset();
  }
  fibers_.clear();
  current_ = nullptr;
}

DeterministicRuntime::FiberTask& DeterministicRuntime::current_fiber() const {
  return *static_cast<FiberTask*>(current_);
}

DeterministicRuntime::FiberTask& DeterministicRuntime::idle_fiber() {
  if (idle_fibers_.empty()) {
    fibers_.push_back(std::make_unique<FiberTask>(*this));
    return *fibers_.back();
  }
  FiberTask* fiber = idle_fibers_.back();
  idle_fibers_.pop_back();
  return *fiber;
}

Task& DeterministicRuntime::spawn(std::string name, std::function<void()> body) {
  FiberTask& task = idle_fiber();
  const Lineage lineage = new_lineage(name.c_str());
  task.begin(std::move(name), next_task_id_++, TaskKind::process, std::move(body));
  races_.begins(task, sizeof(task), task.stack());
  if (watched()) task.watch(lineage, {Point::begin, "", {}, {}});
  if (observer_ != nullptr) observer_->created(this->lineage(), lineage);
  make_ready(task.resume_event, Ready::created);
  return task;
}

// enqueue_entity() and place_entity().
void DeterministicRuntime::make_ready(Event& event, Ready why) {
  event.state = Event::State::ready;
  const std::int64_t behind = least_vruntime_ - 1;
  if (event.thread == nullptr) {
    event.turn = behind;
  } else {
    if (why == Ready::created) {
      event.thread->slices = least_vruntime_ + 1;
    } else if (why == Ready::woken) {
      event.thread->slices = std::max(event.thread->slices, behind);
    }
    event.turn = event.thread->slices;
  }
  auto place = ready_.end();
  if (busy_ && !ready_.empty()) {
    // All have run meanwhile: they take turns.
    event.turn = std::max(event.turn, ready_.back().turn);
  } else {
    while (place != ready_.begin() && std::prev(place)->turn > event.turn) --place;
  }
  ready_.insert(place, event);
  ++ready_count_;
}

void DeterministicRuntime::post_as(Event& event, Lineage lineage) {
  if (dying()) return;
  if (event.state != Event::State::idle) violation(fmt::format("event '{}' is posted twice", event.name));
  races_.posted(event);
  event.lineage = lineage;
  if (observer_ != nullptr) observer_->created(this->lineage(), lineage);
  make_ready(event, Ready::woken);
}

void DeterministicRuntime::post_at(Event& event, Time when) {
  if (dying()) return;
  if (when <= now_) {
    post(event);
    return;
  }
  if (event.state != Event::State::idle) violation(fmt::format("event '{}' is posted twice", event.name));
  races_.posted(event);
  event.lineage = new_lineage(event.name);
  if (observer_ != nullptr) observer_->created(lineage(), event.lineage);
  event.state = Event::State::timed;
  event.when = when;
  timed_.add(event);
}

bool DeterministicRuntime::cancel(Event& event) {
  if (dying() || event.state == Event::State::idle) return false;
  if (event.state == Event::State::timed) {
    timed_.remove(event);
  } else {
    ready_.erase(ready_.iterator_to(event));
    --ready_count_;
  }
  event.state = Event::State::idle;
  races_.cancelled(event);
  return true;
}

void DeterministicRuntime::switch_away() {
  FiberTask& task = current_fiber();
  task.leave();
  current_ = &task;
}

void DeterministicRuntime::block(const WaitingFor& waiting_for, const Step& then, bool spinning) {
  if (dying()) std::abort();  // a destructor blocks while the stack is unwound: it would never be woken
  FiberTask& task = current_fiber();
  if (!spinning && task.atomic_context()) sleeping_in_atomic(waiting_for.what);
  const std::uint64_t wakes = task.wakes;
  if (!spinning) {
    if (task.worker != nullptr) task.worker->about_to_sleep();
    if (task.plug != nullptr) task.plug->about_to_sleep();
  }
  task.waiting_for = waiting_for;
  if (task.wakes == wakes) {
    task.blocked = true;
    if (watched()) task.next = then;
    if (observer_ != nullptr) observer_->blocked(lineage(), task, then);
    switch_away();
    races_.woken();
  } else if (watched()) {
    // Woken by what others did meanwhile: schedule() does not sleep then.
    take_step(then);
  }
  if (!spinning && task.worker != nullptr) task.worker->woken_up();
}

// Whether one that is ready has run less than the current task: then it was woken or made since, or more time
// has passed than the task's slice.
bool DeterministicRuntime::turn_is_over() const {
  if (ready_count_ == 0) return false;
  return busy_ || ready_.front().turn < current_fiber().resume_event.thread->slices;
}

// On a busy processor time passes, which the others may wait for.
void DeterministicRuntime::cond_resched() {
  if (dying()) return;
  if (steps_until_tick_ != 0 && !turn_is_over()) {
    --steps_until_tick_;
    return;
  }
  preempt_current();
}

void DeterministicRuntime::preempt_current() {
  if (watched()) current_fiber().next = {Point::resume, "", {}, {}};
  make_ready(current_fiber().resume_event, Ready::preempted);
  switch_away();
}

// The maker continues when the new thread has begun: it takes that one's turn.
void DeterministicRuntime::wait_for_new_thread(dmcore::Vruntime& made) {
  made.slices = least_vruntime_ + 1;
  if (dying()) return;
  FiberTask& maker = current_fiber();
  dmcore::Vruntime& its_own = *maker.resume_event.thread;
  maker.resume_event.thread = &made;
  preempt_current();
  maker.resume_event.thread = &its_own;
  its_own.slices = std::max(its_own.slices, least_vruntime_ - 1);
}

void DeterministicRuntime::wake(Task& task) {
  if (dying()) return;
  auto& fiber = static_cast<FiberTask&>(task);
  ++fiber.wakes;
  if (!fiber.blocked) return;
  fiber.blocked = false;
  races_.wakes(task);
  if (observer_ != nullptr) observer_->woken(fiber.identity.lineage, lineage());
  make_ready(fiber.resume_event, Ready::woken);
}

void DeterministicRuntime::sleep_for(dmcore::Duration duration) {
  might_sleep("sleep");
  Task& task = current();
  bool over = false;
  Event alarm("alarm", TaskKind::softirq, [&] {
    over = true;
    wake(task);
  });
  post_at(alarm, now_ + duration);
  while (!over) block({"sleep", "time"}, {Point::resume, "sleep", {}, {}}, false);
}

void DeterministicRuntime::settle() {
  might_sleep("settle");
  if (ready_count_ == 0) return;
  settling_.push_back(&current_fiber());
  block({"settle", "everything that can run now"}, {Point::resume, "settle", {}, {}}, false);
}

bool DeterministicRuntime::before_step(const Step& step, bool may_preempt) {
  if (dying()) return false;
  if (current_ == nullptr) return true;
  if (may_preempt && (attention_ & preempting) != 0) preempt();
  if (watched()) take_step(step);
  return true;
}

void DeterministicRuntime::preempt() {
  if (dying() || current_ == nullptr || ready_count_ == 0 || !blind_->preempt()) return;
  preempt_current();
}

Event& DeterministicRuntime::take_next() {
  if (fifo_) [[likely]] {
    // Without a question: most runs are so, and this is done for each step of each bio.
    Event& event = ready_.front();
    ready_.pop_front();
    --ready_count_;
    event.state = Event::State::idle;
    return event;
  }
  if (chosen_ != nullptr) return take(*std::exchange(chosen_, nullptr));
  if (seeing_ != nullptr) return take(*choose(nullptr));
  auto it = ready_.begin();
  std::advance(it, static_cast<std::ptrdiff_t>(blind_->pick(ready_count_)));
  return take(*it);
}

// Of an event that is timed, its time has come: it is the earliest, or may as well be.
Event& DeterministicRuntime::take(Event& event) {
  if (event.state == Event::State::timed) [[unlikely]] {
    const bool passes = now_ < timed_.earliest().when;
    now_ = timed_.earliest().when;
    timed_.remove(event);
    turn_ = Choice::What::deadline;
    if (passes) settled();
    make_due_ready();
  } else {
    ready_.erase(ready_.iterator_to(event));
    --ready_count_;
  }
  event.state = Event::State::idle;
  return event;
}

void DeterministicRuntime::resume(FiberTask& task) {
  current_ = &task;
  if (task.kind == TaskKind::process) busy_since_ = now_;
  races_.runs(&task);
  spend_step(std::exchange(turn_, Choice::What::ready));
  task.enter();
  races_.runs(nullptr);
  current_ = nullptr;
  // update_min_vruntime(), when a task goes to sleep or ends.
  if (ready_count_ != 0 && task.resume_event.state != Event::State::ready) {
    least_vruntime_ = std::max(least_vruntime_, ready_.front().turn);
  }
  if (task.busy) return;
  idle_fibers_.push_back(&task);
  if (observer_ != nullptr) observer_->ended(task.identity.lineage);
}

void DeterministicRuntime::start(Event& event) {
  if (event.resumes != nullptr) {
    resume(static_cast<FiberTask&>(*event.resumes));
    return;
  }
  // Completions of I/O and ends of sleeps are progress; work items are not, since periodic timers queue them
  // for ever.
  if (event.kind == TaskKind::softirq && !event.housekeeping) last_progress_ = now_;
  FiberTask& task = idle_fiber();
  task.begin(event, next_task_id_++);
  races_.begins(task, sizeof(task), task.stack(), &event);
  if (watched()) task.watch(event.lineage, {Point::begin, event.name, event.access, {}});
  resume(task);
}

void DeterministicRuntime::settled() {
  for (FiberTask* task : std::exchange(settling_, {})) wake(*task);
}

void DeterministicRuntime::make_due_ready() {
  while (!timed_.empty() && timed_.earliest().when <= now_) {
    Event& event = timed_.earliest();
    timed_.remove(event);
    make_ready(event, Ready::woken);
  }
}

// When no task is ready: only an event that is not housekeeping could end the waiting.
bool DeterministicRuntime::hung() const {
  if (now_ - last_progress_ <= hung_after) return false;
  const std::vector<Event*>& pending = timed_.events();
  return std::all_of(pending.begin(), pending.end(), [](const Event* event) { return event->housekeeping; });
}

bool DeterministicRuntime::advance_time() {
  if (timed_.empty()) return false;
  now_ = timed_.earliest().when;
  if (hung()) return false;
  if (wants_.time) {
    chosen_ = choose(nullptr);
  } else {
    make_due_ready();
  }
  return true;
}

void DeterministicRuntime::wait_for_outside() {
  if (clock_.jumps()) {
    if (outside_events_->handle(OutsideEvents::Wait(0)) || advance_time()) return;
    // However long it takes: no time of the machine passes.
    if (!outside_events_->expected()) stop_hung();
    outside_events_->handle(std::nullopt);
    last_progress_ = now_;
    return;
  }
  follow_clock();
  if (ready_count_ != 0) return;
  if (timed_.empty() && !outside_events_->expected()) stop_hung();
  std::optional<OutsideEvents::Wait> at_most;
  if (!timed_.empty()) at_most = clock_.until(timed_.earliest().when);
  outside_events_->handle(at_most);
  follow_clock();
}

// Called when no task is ready.
void DeterministicRuntime::on_idle() {
  if (!settling_.empty()) {
    settled();
  } else if (outside_events_ != nullptr) {
    wait_for_outside();
  } else if (!advance_time()) {
    stop_hung();
  }
  steps_until_tick_ = busy_limits_.steps_until_busy;
  busy_ = false;
  busy_since_ = now_;
}

// The timer interrupt of a busy processor.
void DeterministicRuntime::tick() {
  if (const Time busy = now_ - busy_since_; busy > busy_limits_.busy_max) {
    stop(fmt::format("busy: for {:.0f} s the processor was never idle and no process ran, only {}",
                     std::chrono::duration<double>(busy).count(), profile()));
  }
  if (clock_.jumps()) {
    pass_time((now_ / dmcore::jiffy + 1) * dmcore::jiffy);
  } else {
    follow_clock();
  }
  if (outside_events_ != nullptr) outside_events_->handle(OutsideEvents::Wait(0));
  // What could run before the tick has run.
  settled();
  steps_until_tick_ = busy_limits_.steps_per_tick;
  busy_ = true;
}

void DeterministicRuntime::set_busy_limits(const BusyLimits& limits) {
  busy_limits_ = limits;
  steps_until_tick_ = limits.steps_until_busy;
}

void DeterministicRuntime::check_for_stop_request() {
  // Some hundred microseconds.
  constexpr std::uint64_t turns_between = 1000;
  if (!stop_request_ || turns_until_asked_-- != 0) return;
  turns_until_asked_ = turns_between;
  if (const auto reason = stop_request_()) stop(*reason);
}

// A task's turn, or a tick instead. False if no task can run.
bool DeterministicRuntime::turn() {
  check_for_violation();
  check_for_stop_request();
  if (steps_left_ == 0) throw OutOfSteps(stopped("out of steps: the machine has used up its budget"));
  if (chosen_ == nullptr && ready_count_ == 0) return false;
  if (steps_until_tick_ == 0) {
    tick();
  } else {
    --steps_until_tick_;
    start(take_next());
  }
  return true;
}

void DeterministicRuntime::run(std::function<void()> main) {
  bool done = false;
  last_progress_ = now_;
  turns_until_asked_ = 0;
  spawn("main", [&] {
    dmcore::order::acquire(this);  // the main task of the run before
    main();
    dmcore::order::release(this);
    done = true;
  });
  while (!done) {
    if (!turn()) on_idle();
  }
  check_for_violation();
}

std::optional<Time> DeterministicRuntime::run_until_idle() {
  last_progress_ = now_;
  turns_until_asked_ = 0;
  while (turn() || !settling_.empty()) {
    if (ready_count_ == 0) settled();
  }
  if (timed_.empty()) return std::nullopt;
  return timed_.earliest().when;
}

void DeterministicRuntime::pass_time(Time when) {
  if (when <= now_) return;
  now_ = when;
  make_due_ready();
}

void DeterministicRuntime::set_outside(OutsideEvents* events, const Clock& clock) {
  outside_events_ = events;
  clock_ = clock;
  if (!clock_.jumps()) clock_.begin(now_);
}

void DeterministicRuntime::follow_clock() {
  if (!clock_.jumps()) pass_time(clock_.now());
}

}  // namespace sim
