// SPDX-License-Identifier: GPL-2.0-or-later
#include "proptests/crash_plan_gen.h"

#include "proptests/step_gen.h"

namespace proptests {

namespace {

namespace gen = rc::gen;

// Most are plain, so that a fault of the disk or of the schedule is not all that there is.
rc::Gen<DiskPlan> disks() {
  return gen::build<DiskPlan>(
      gen::set(&DiskPlan::write_cache, gen::map(gen::inRange(0, 10), [](int n) { return n < 8; })),
      gen::set(&DiskPlan::large_blocks, gen::map(gen::inRange(0, 10), [](int n) { return n >= 9; })),
      gen::set(&DiskPlan::discards, gen::map(gen::inRange(0, 10), [](int n) { return n < 8; })),
      gen::set(&DiskPlan::latency_ms, gen::sizedElement(0U, 0U, 10U, 150U, 400U)));
}

rc::Gen<StepKind> kinds(DiskFaults faults) {
  const std::size_t fault_weight = faults == DiskFaults::none ? 0 : faults == DiskFaults::harmless ? 1 : 4;
  return gen::weightedElement<StepKind>({{8, StepKind::write},
                                         {3, StepKind::write_fua},
                                         {3, StepKind::discard},
                                         {4, StepKind::flush},
                                         {1, StepKind::read},
                                         {1, StepKind::wait},
                                         {1, StepKind::message},
                                         {1, StepKind::suspend_resume},
                                         {1, StepKind::reload},
                                         {1, StepKind::reopen},
                                         {1, StepKind::sleep},
                                         {1, StepKind::hydrate},
                                         {fault_weight, StepKind::fault}});
}

rc::Gen<StepKind> kinds_at_once() {
  return gen::weightedElement<StepKind>({{8, StepKind::write},
                                         {3, StepKind::write_fua},
                                         {3, StepKind::discard},
                                         {3, StepKind::flush},
                                         {4, StepKind::read},
                                         {2, StepKind::wait},
                                         {2, StepKind::message},
                                         {2, StepKind::suspend_resume},
                                         {2, StepKind::reload},
                                         {2, StepKind::reopen},
                                         {1, StepKind::sleep}});
}

rc::Gen<CrashPlan> plans(DiskFaults faults, rc::Gen<std::vector<Step>> steps) {
  using Plan = CrashPlan;
  return gen::build<Plan>(
      gen::set(&Plan::region_shift, gen::sizedElement(3U, 3U, 4U, 5U)),
      gen::set(&Plan::regions,
               gen::weightedOneOf<unsigned>({{15, gen::inRange(1U, 9U)}, {1, gen::inRange(60U, 70U)}})),
      gen::set(&Plan::tail, gen::sizedElement(0U, 0U, 1U, 4U)),
      gen::set(&Plan::metadata_sectors, gen::sizedElement(2048U, 2048U, 80U)),
      gen::set(&Plan::metadata, disks()), gen::set(&Plan::destination, disks()),
      gen::set(&Plan::source, disks()),
      gen::set(&Plan::source_path,
               gen::sizedElement(SourcePath::disk, SourcePath::disk, SourcePath::linear, SourcePath::delay)),
      gen::set(&Plan::linear_above, gen::sizedElement(false, false, true)),
      gen::set(&Plan::hydration, gen::sizedElement(false, false, true)),
      gen::set(&Plan::passdown, gen::sizedElement(true, true, false)),
      gen::set(&Plan::hydration_threshold, gen::sizedElement(0U, 0U, 1U, 8U)),
      gen::set(&Plan::hydration_batch_size, gen::sizedElement(0U, 0U, 2U, 8U)),
      gen::set(&Plan::faults, gen::just(faults)), gen::set(&Plan::steps, std::move(steps)),
      gen::set(&Plan::schedule, gen::inRange<std::uint32_t>(0, 1000)),
      gen::set(&Plan::depth, gen::inRange(1U, 4U)),
      gen::set(&Plan::tear_sectors, gen::sizedElement(false, true)));
}

}  // namespace

rc::Gen<CrashPlan> crash_plans(DiskFaults faults) {
  return plans(faults, gen::container<std::vector<Step>>(steps_of(kinds(faults))));
}

rc::Gen<CrashPlan> concurrent_plans() {
  constexpr double share = 0.08;
  return plans(DiskFaults::none,
               gen::scale(share, gen::container<std::vector<Step>>(steps_of(kinds_at_once()))));
}

}  // namespace proptests
