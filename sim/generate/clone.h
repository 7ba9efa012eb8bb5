// SPDX-License-Identifier: GPL-2.0-or-later
// Clones of the scenario: their tables, I/O to them, and what can be asked about them with a certain answer.
//
// What would race in real time, and how themes avoid it:
// * The metadata is committed once a second, if a region was marked since the last commit. A theme that
//   counts flushes, reads the metadata disk's bytes or makes a commit fail does so right after a `flush`,
//   and at most one change later.
// * Background hydration takes its time: between its start and `until` there is no I/O and no question.
#pragma once

#include <optional>
#include <string>

#include "sim/generate/bench.h"

namespace sim::generate {

struct Clone {
  Device device;
  Device metadata;
  Device destination;
  Device source;
  std::uint64_t region = 8;  // sectors
  bool hydrate = false;
  bool passdown = true;
  std::optional<std::uint64_t> threshold;
  std::optional<std::uint64_t> batch;

  [[nodiscard]] std::uint64_t regions() const { return (device.sectors + region - 1) / region; }
  // What follows the target's length in a table.
  [[nodiscard]] std::string target() const;
  [[nodiscard]] std::string table() const { return generate::table(device.sectors, target()); }
};

struct CloneShape {
  std::uint64_t sectors_max = 6000;
  std::uint64_t regions_max = 600;
  std::uint64_t region_max = 1024;
  DiskKind metadata;
  DiskKind destination;
  DiskKind source;
};

// Sizes for a clone, and disks for it: filled, so that one sees where a sector comes from. Not created yet.
Clone make_clone(Bench& bench, std::string_view name, const CloneShape& shape = {});
void create(Bench& bench, const Clone& clone);
// Removes and creates it: the metadata is read again.
void reopen(Bench& bench, const Clone& clone);

// One read, write, discard or flush. Errors are fine. How many commits a FUA write costs that meets several
// regions is for the scheduler to say: a theme that counts commits or events avoids it (`fua_in_one_region`).
void some_io(Bench& bench, const Device& device, bool fua_in_one_region = false);
// Marks one region as hydrated, at least if it was not; all is written to the metadata when it returns.
void committed_change(Bench& bench, const Clone& clone);
// Waits until all regions are hydrated, and the event that says so has happened.
void hydrate_all(Bench& bench, Clone& clone);
// A question about the clone or the disks under it. Background hydration must not be running.
void some_question(Bench& bench, const Clone& clone);
void whole_content(Bench& bench, const Clone& clone);

}  // namespace sim::generate
