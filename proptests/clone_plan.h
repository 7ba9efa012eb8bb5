// SPDX-License-Identifier: GPL-2.0-or-later
// Random uses of a clone device, as scenarios.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

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
  sleep
};

// One thing that happens to the device. Positions are fractions of the device, so that a step makes sense on
// every geometry, and shrinking the geometry does not break the steps.
struct Step {
  StepKind kind = StepKind::read;
  bool background = false;     // only for I/O
  std::uint32_t position = 0;  // of 1000
  std::uint32_t length = 0;    // sectors; cut to what is there
  std::uint32_t choice = 0;    // which message, which flag
};

struct Plan {
  unsigned region_shift = 3;  // regions of 2^n sectors
  unsigned regions = 4;
  unsigned tail = 0;  // eighths of a region that the last one is short of
  bool hydration = false;
  bool passdown = true;
  unsigned read_latency_ms = 0;  // of the source; the destination takes half of it
  std::vector<Step> steps;
};

[[nodiscard]] std::uint64_t device_sectors(const Plan& plan);
[[nodiscard]] std::uint64_t region_sectors(const Plan& plan);

// A command of the rendered scenario, with what the model has to know about it.
struct Command {
  std::string text;
  StepKind kind = StepKind::sleep;
  bool background = false;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  std::string value;              // of a write
  bool ends_copies = false;       // waits for all copies that are in flight
  std::optional<bool> hydration;  // whether the target copies by itself from now on; empty: as before
};

[[nodiscard]] std::vector<Command> render(const Plan& plan);
[[nodiscard]] std::string scenario_text(const std::vector<Command>& commands);

std::ostream& operator<<(std::ostream& out, const Plan& plan);

}  // namespace proptests
