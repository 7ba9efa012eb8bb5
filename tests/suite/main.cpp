// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim_suite: the tests of dm-clone's authors and of thin-provisioning-tools, on simulated disks. Benchmarks
// print the tables that they measure; docs/suite.md says how to choose the disks.
#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include "sim/cli/schedule_options.h"
#include "sim/text/quantities.h"

#include "tests/suite/options.h"

namespace suite {

Options& options() {
  static Options chosen;
  return chosen;
}

}  // namespace suite

namespace {

// "read_latency=1ms bandwidth=100M": the words that a scenario's `disk` has. What is not named becomes 0.
std::optional<sim::DiskTiming> parse_timing(const std::string& text) {
  sim::DiskTiming timing;
  std::istringstream in(text);
  for (std::string word; in >> word;) {
    const auto equals = word.find('=');
    if (equals == std::string::npos) return std::nullopt;
    const std::string name = word.substr(0, equals);
    const std::string value = word.substr(equals + 1);
    if (name == "bandwidth") {
      const auto bytes = sim::parse_size(value);
      if (!bytes) return std::nullopt;
      timing.bytes_per_second = *bytes;
      continue;
    }
    const auto duration = sim::parse_duration(value);
    if (!duration) return std::nullopt;
    if (name == "read_latency") {
      timing.read_latency = *duration;
    } else if (name == "write_latency") {
      timing.write_latency = *duration;
    } else if (name == "flush_latency") {
      timing.flush_latency = *duration;
    } else {
      return std::nullopt;
    }
  }
  return timing;
}

CLI::Option* add_timing(CLI::App& app, const std::string& name, sim::DiskTiming& timing,
                        const std::string& help) {
  return app.add_option_function<std::string>(
      name,
      [&timing, name](const std::string& text) {
        const auto parsed = parse_timing(text);
        if (!parsed)
          throw CLI::ValidationError(name, "not a list of NAME=VALUE as a scenario's disk has: " + text);
        timing = *parsed;
      },
      help);
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  suite::Options& options = suite::options();
  CLI::App app("The tests of dm-clone's authors on simulated disks. --gtest_help lists GoogleTest's options.",
               "dmsim_suite");
  add_timing(app, "--fast", options.fast,
             "the fast disk, for example \"read_latency=100us write_latency=40us bandwidth=500M\"");
  add_timing(app, "--slow", options.slow, "the slow disk");
  app.add_option_function<std::string>(
      "--volume",
      [&options](const std::string& text) {
        const auto bytes = sim::parse_size(text);
        constexpr std::uint64_t unit = 1U << 20U;
        if (!bytes || *bytes == 0 || *bytes % unit != 0) {
          throw CLI::ValidationError("--volume", "not a number of MiB: " + text);
        }
        options.volume = dmcore::to_sectors(*bytes);
      },
      "size of the volumes in the benchmarks of bare devices (32M); the original has 5G");
  sim::cli::add_schedule_options(app, options.schedule);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    constexpr int usage = 2;
    return app.exit(error) == 0 ? 0 : usage;
  }
  return RUN_ALL_TESTS();
}
