// SPDX-License-Identifier: GPL-2.0-or-later
// The power fails at any time, again while the machine starts, and the disks keep whatever they may keep:
// nothing that was acknowledged is lost. And if something is, that is found.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "proptests/crash_failure.h"
#include "proptests/crash_plan_gen.h"

namespace {

using proptests::crash_plans;
using proptests::CrashPlan;
using proptests::DiskFaults;
using proptests::Script;
using sim::explore::PowerCutResult;

void nothing_is_lost(const CrashPlan& plan) {
  const Script script = script_of(plan);
  const PowerCutResult result = power_cuts(script, plan);
  if (!result.holds()) RC_FAIL(proptests::describe(power_cuts(shortest(script, result, plan), plan)));
  // Devices are closed from the top down. Nothing else may go without being judged.
  for (const std::string& why : result.report.not_judged)
    RC_ASSERT(why == "c: it was below another device before" ||
              why == "s: it was below another device before");
}

RC_GTEST_PROP(EveryPowerCut, LosesNothingThatWasAcknowledged, ()) {
  nothing_is_lost(*crash_plans(DiskFaults::harmless));
}

RC_GTEST_PROP(EveryPowerCut, OnDisksThatFailLosesOnlyWhatFailed, ()) {
  nothing_is_lost(*crash_plans(DiskFaults::failures));
}

// However honest the disk has been: once it says that it has flushed what it has not, that is found.
RC_GTEST_PROP(EveryPowerCut, ShowsADestinationThatBeginsToLie, ()) {
  CrashPlan plan = *crash_plans(DiskFaults::none);
  plan.destination.write_cache = true;
  const std::string device = device_of(plan);
  Script script = script_of(plan);
  // The whole device, by a letter that no other write has.
  const proptests::sector_t sectors = device_sectors(plan);
  script.push_back({proptests::Wait{}});
  Script honest = script;
  script.push_back({proptests::SetFaults{"dest", {{sim::Fault::Lies{}}}}});
  for (Script* one : {&script, &honest}) {
    one->push_back(
        {proptests::Write{.first = 0, .count = sectors, .letter = 'Z', .stamps = true, .device = device}});
    one->push_back({proptests::Flush{.device = device}});
  }
  const PowerCutResult result = power_cuts(script, plan);
  RC_ASSERT(result.verdict == sim::explore::Verdict::found);
  RC_ASSERT(result.report.violation->oracle == sim::explore::Oracle::contract);
  RC_ASSERT(result.report.violation->device == device);
  RC_ASSERT(power_cuts(honest, plan).holds());
}

}  // namespace
