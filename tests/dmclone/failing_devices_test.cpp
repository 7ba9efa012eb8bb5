// SPDX-License-Identifier: GPL-2.0-or-later
// A clone over devices that fail at once retries its hydration for ever, without a pause. The transcripts are
// what Linux 6.1 (user mode, real time) prints for the same scenarios.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sim/scenario/replay.h"

namespace sim::scenario {
namespace {

enum class Role : std::uint8_t { destination, source };

constexpr std::string_view disks =
    "disk loop0 4M\n"
    "disk loop1 1M\n"
    "disk loop2 1M\n"
    "write loop2 0 2048 @S\n";
constexpr std::string_view whole_fails = "dmsetup create bad --table '0 2048 error'\n";

std::string second_half_fails(std::string_view disk) {
  return fmt::format("dmsetup create --concise 'bad,,,,0 1024 linear /dev/{} 0,1024 1024 error'\n", disk);
}

std::string clone_of(Role bad) {
  return fmt::format("dmsetup create clone --table '0 2048 clone /dev/loop0 /dev/{} /dev/{} 8'\n",
                     bad == Role::destination ? "mapper/bad" : "loop1",
                     bad == Role::source ? "mapper/bad" : "loop2");
}

// The kernel prints the line at most 10 times in 5 seconds.
std::string failures() {
  std::string lines;
  for (int i = 0; i < 10; ++i) lines += "log: device-mapper: clone: 253:1: hydration failed\n";
  return lines;
}

// Without the commands, for comparing only what they print.
std::string output_of(const std::string& scenario) {
  const ReplayResult result = replay(scenario);
  EXPECT_EQ(result.outcome, ReplayOutcome::ok) << result.complaint;
  std::string output;
  for (std::string_view rest = result.transcript; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n') + 1);
    if (!line.starts_with("> ")) output += line;
    rest.remove_prefix(line.size());
  }
  return output;
}

constexpr std::string_view use =
    "sleep 6\n"
    "read clone 0 1\n"
    "read clone 2040 1\n"
    "dmsetup message clone 0 disable_hydration\n"
    "sleep 1\n"
    "dmsetup status clone\n"
    "dmsetup remove clone\n";

std::string scenario(const std::string& bad, Role role) {
  return fmt::format("{}{}{}{}", disks, bad, clone_of(role), use);
}

constexpr std::string_view no_passdown =
    "log: device-mapper: clone: Destination device (dm-0) discard unsupported: Disabling discard passdown.\n";

TEST(CloneFailingDevices, ADestinationThatFailsIsRetriedAndReadsStillWork) {
  EXPECT_EQ(output_of(scenario(std::string(whole_fails), Role::destination)),
            fmt::format("{}{}{}0-0 @S\n2040-2040 @S\n"
                        "0 2048 clone 8 6/1024 8 0/256 0 2 no_hydration no_discard_passdown 4 "
                        "hydration_threshold 1 hydration_batch_size 1 rw\n",
                        no_passdown, failures(), failures()));
}

TEST(CloneFailingDevices, ASourceThatFailsIsRetried) {
  EXPECT_EQ(output_of(scenario(std::string(whole_fails), Role::source)),
            fmt::format("{}{}error EIO\nerror EIO\n"
                        "0 2048 clone 8 6/1024 8 0/256 0 1 no_hydration 4 "
                        "hydration_threshold 1 hydration_batch_size 1 rw\n",
                        failures(), failures()));
}

TEST(CloneFailingDevices, TheGoodHalfOfADestinationIsHydrated) {
  EXPECT_EQ(output_of(scenario(second_half_fails("loop1"), Role::destination)),
            fmt::format("{}{}{}0-0 @S\n2040-2040 @S\n"
                        "0 2048 clone 8 6/1024 8 128/256 0 2 no_hydration no_discard_passdown 4 "
                        "hydration_threshold 1 hydration_batch_size 1 rw\n",
                        no_passdown, failures(), failures()));
}

TEST(CloneFailingDevices, TheGoodHalfOfASourceIsHydrated) {
  EXPECT_EQ(output_of(scenario(second_half_fails("loop2"), Role::source)),
            fmt::format("{}{}0-0 @S\nerror EIO\n"
                        "0 2048 clone 8 6/1024 8 128/256 0 1 no_hydration 4 "
                        "hydration_threshold 1 hydration_batch_size 1 rw\n",
                        failures(), failures()));
}

TEST(CloneFailingDevices, NoRegionOfABatchThatFailsIsHydrated) {
  const std::string output =
      output_of(fmt::format("{}{}{}"
                            "dmsetup message clone 0 hydration_threshold 8\n"
                            "dmsetup message clone 0 hydration_batch_size 4\n"
                            "sleep 0.1\n"
                            "dmsetup message clone 0 disable_hydration\n"
                            "sleep 1\n"
                            "dmsetup status clone\n",
                            disks, whole_fails, clone_of(Role::source)));
  EXPECT_NE(output.find(" 0/256 0 1 no_hydration 4 hydration_threshold 8 hydration_batch_size 4 rw"),
            std::string::npos)
      << output;
}

TEST(CloneFailingDevices, AMachineThatSpinsForTooLongIsStoppedWithAReport) {
  ReplayOptions options;
  options.busy_limits.busy_max = std::chrono::seconds(1);
  const ReplayResult result =
      replay(fmt::format("{}{}{}sleep 3\n", disks, whole_fails, clone_of(Role::source)), options);
  EXPECT_EQ(result.outcome, ReplayOutcome::stopped);
  EXPECT_NE(result.complaint.find("busy: for 1 s"), std::string::npos) << result.complaint;
  EXPECT_NE(result.complaint.find("steps of 'kcopyd'"), std::string::npos) << result.complaint;
}

}  // namespace
}  // namespace sim::scenario
