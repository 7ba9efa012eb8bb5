// SPDX-License-Identifier: GPL-2.0-or-later
// Sees the requests of programs in a run: passes them on, and notes them in a trace.
#pragma once

#include <cstdint>
#include <map>

#include "sim/host/io_witness.h"
#include "sim/schedules/trace.h"

namespace sim::schedules {

class TracedWitness final : public host::IoWitness {
 public:
  // None is owned. `trace`: gets what happens while `exploring`; may be null.
  TracedWitness(host::IoWitness& witness, const bool& exploring, Trace* trace)
      : witness_(witness), exploring_(exploring), trace_(trace) {}
  // Another one that sees everything. Before the first request.
  void also_tell(host::IoWitness& other) { other_ = &other; }

  std::uint64_t begins(const Request& request) override;
  void ended(std::uint64_t id, bool ok, std::span<const std::byte> read) override;

 private:
  host::IoWitness& witness_;
  const bool& exploring_;
  Trace* trace_;
  host::IoWitness* other_ = nullptr;                         // may be null
  std::map<std::uint64_t, std::uint64_t> others_;            // what it calls those that are under way
  std::map<std::uint64_t, dmcore::sector_t> first_sectors_;  // of these
};

}  // namespace sim::schedules
