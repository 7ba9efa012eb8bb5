// SPDX-License-Identifier: GPL-2.0-or-later
// Bytes that are a workload of programs that run at once, and the choices of its schedule.
//
// The first byte is the workload: two operations at once on a clone of two regions. Then two bytes for each
// choice that is not left to first in, first out: how many places at which there is a choice are left to it
// before, and which of the other tasks goes there (0: none). What a run does not offer is taken modulo what
// it offers; when the bytes have ended, all is first in, first out. So any bytes are a schedule, and a part
// that is taken out or changed leaves most of the others what they were.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dmcore/kernel/defects.h"

#include "sim/schedules/engine.h"
#include "sim/schedules/happens_before.h"
#include "sim/schedules/schedule_token.h"

namespace fuzz {

// All workloads that an input can choose.
const std::vector<std::string>& schedule_workloads();

// Makes the choices that the bytes after the first one say.
class BytesEngine final : public sim::schedules::Engine {
 public:
  explicit BytesEngine(std::span<const std::uint8_t> choices) : choices_(choices) { next_pair(); }

  [[nodiscard]] sim::Wants wants() const override { return sim::schedules::everything_races; }
  bool begin() override { return true; }
  std::size_t choose(const sim::Situation& situation) override;
  void took_step(const sim::Choice& step, dmcore::Time now) override;
  void turned_out(dmcore::AccessKind kind) override { order_.turned_out(kind); }
  void created(dmcore::Lineage parent, dmcore::Lineage child) override { order_.created(parent, child); }
  void woken(dmcore::Lineage lineage, dmcore::Lineage by) override { order_.woken(lineage, by); }
  void end() override { order_.finish(); }

  // After end(): a number for each pair of operations of different tasks that raced, in that order, whatever
  // the objects and the tasks' numbers are.
  [[nodiscard]] std::vector<std::uint32_t> access_pairs() const;

 private:
  void next_pair();

  std::span<const std::uint8_t> choices_;  // that are left
  std::uint32_t left_alone_ = 0;           // places before the next choice
  std::uint32_t goes_ = 0;                 // there
  sim::schedules::HappensBefore order_;
  std::vector<std::uint32_t> operations_;  // of each step: what it does, and in which kind of task
};

struct ScheduleRun {
  std::string scenario;
  sim::schedules::RunResult result;
  std::vector<std::uint32_t> access_pairs;
  std::string token;  // if it has failed: repeats it
};
// Once.
ScheduleRun run_schedule(std::span<const std::uint8_t> input, const dmcore::Defects& defects);

}  // namespace fuzz
