// SPDX-License-Identifier: GPL-2.0-or-later
// One thing that happens to a clone device, as a few numbers, and what it comes to on a device of some size.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "proptests/action.h"

namespace proptests {

enum class StepKind : std::uint8_t {
  read,
  write,
  write_fua,
  discard,
  flush,
  wait,
  message,
  suspend_resume,
  reload,
  reopen,
  sleep,
  hydrate,  // and wait for it
  fault,    // a disk gets a fault, or loses all
};

// Positions are fractions of the device, so that a step makes sense on every geometry, and shrinking the
// geometry does not break the steps.
struct Step {
  StepKind kind = StepKind::read;
  bool background = false;     // only for I/O
  std::uint32_t position = 0;  // of 1000
  std::uint32_t length = 0;    // sectors; cut to what is there
  std::uint32_t choice = 0;    // which message, which flag, which fault
};

struct CloneTable {
  sim::host::Target target;
  bool hydrates = false;
};

// What steps are done to.
struct Subject {
  sector_t sectors = 0;
  sector_t block = 1;  // I/O begins and ends at multiples of it
  bool stamps = false;
  // A device over the whole clone, which then gets the I/O; or none. No std::optional: g++ 12 takes what one
  // does not hold for uninitialised.
  std::vector<Create> above = {};
  // What the clone gets when it is loaded or opened again. `choice`: the step's.
  std::function<CloneTable(std::uint32_t choice)> table;
  // For steps of that kind.
  std::function<SetFaults(const Step&)> faults = {};
  std::chrono::seconds hydration_time{100000};
  // For disks whose writes and flushes fail. What is committed while the clone is suspended may fail without
  // a word to programs; and a commit that failed may be on the metadata's disk without being durable
  // (docs/findings.md). So before the clone is suspended or closed all has ended, and a flush says whether it
  // is durable; and before it is loaded again the metadata's disk is mended and flushed.
  bool careful = false;
};

class StepWriter {
 public:
  explicit StepWriter(Subject subject) : subject_(std::move(subject)) {}

  // Each write gets a letter of its own; after some sixty they repeat.
  std::vector<Action> actions_of(const Step& step);
  // "c", or what is above.
  [[nodiscard]] const std::string& device() const;

 private:
  [[nodiscard]] sector_t first(const Step& step) const;
  [[nodiscard]] sector_t count(const Step& step) const;
  [[nodiscard]] std::vector<Action> suspending(const Step& step) const;

  Subject subject_;
  std::size_t written_ = 0;
};

}  // namespace proptests
