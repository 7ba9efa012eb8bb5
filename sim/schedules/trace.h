// SPDX-License-Identifier: GPL-2.0-or-later
// All that happens in the explored parts of a run, in its order, with names that can be read when the machine
// is gone.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/runtime/deterministic.h"
#include "sim/schedules/happens_before.h"

namespace sim::schedules {

class Trace {
 public:
  static constexpr std::size_t none = ~std::size_t{0};
  struct Event {
    enum class What : std::uint8_t {
      step,
      passed_over,  // first in, first out the task would take the next step, and `other` does
      waits,        // for `text`; `other` holds it, if it is a lock
      wakes,        // `other`
      ends,
      begins_io,
      ends_io,
    };
    What what = What::step;
    std::size_t task = none;   // an index of tasks(); `wakes`: none if all have come to rest
    std::size_t other = none;  // the same
    std::size_t number = 0;    // how many steps were taken before
    dmcore::Time at{0};
    std::string text = {};  // of a step: the disk or the device that its object is a part of, or empty
    // Of a step, or of the one that a task that is passed over would take.
    std::uint32_t of_task = 0;  // how many its task has taken before
    dmcore::Point point = dmcore::Point::begin;
    dmcore::Access access = {};
    std::string name = {};     // of the object
    dmcore::Place place = {};  // also of what waits
  };
  struct Task {
    dmcore::Lineage lineage = 0;
    std::string path;  // Lineages::text()
  };

  // For one run, while it lasts. `owner_of`: the name of the disk or the mapped device that the object is a
  // part of, or an empty text. What is given must outlive the run.
  void begin(const DeterministicRuntime& runtime, std::function<std::string(const void*)> owner_of);
  // An explored part has ended: all of it comes before the next one.
  void end_part() { order_.barrier(); }
  // After the run.
  void end();

  // As in Observer, and Director for passed_over(): before the step.
  void passed_over(const Choice& first, const Choice& goes, dmcore::Time now);
  void took_step(const Choice& step, dmcore::Time now);
  void turned_out(dmcore::AccessKind kind);
  void created(dmcore::Lineage parent, dmcore::Lineage child) { order_.created(parent, child); }
  void blocked(dmcore::Lineage lineage, const dmcore::Task& task, const dmcore::Step& then);
  void woken(dmcore::Lineage lineage, dmcore::Lineage by);
  void ended(dmcore::Lineage lineage);
  // The current task's request.
  void io(Event::What what, std::string text);

  [[nodiscard]] const std::vector<Task>& tasks() const { return tasks_; }
  [[nodiscard]] const std::vector<Event>& events() const { return events_; }
  // The steps in it are those of the events, by their numbers.
  [[nodiscard]] const HappensBefore& order() const { return order_; }

 private:
  std::size_t number_of(dmcore::Lineage lineage);
  Event& add(Event::What what, dmcore::Lineage lineage);
  void add_step(Event::What what, const Choice& choice, dmcore::Time now);

  const DeterministicRuntime* runtime_ = nullptr;
  std::function<std::string(const void*)> owner_of_;
  HappensBefore order_;
  std::vector<Task> tasks_;
  std::unordered_map<dmcore::Lineage, std::size_t> numbers_;
  std::unordered_map<const dmcore::Task*, dmcore::Lineage> lineages_;  // of those that have taken a step
  std::vector<Event> events_;
  std::size_t steps_ = 0;
};

}  // namespace sim::schedules
