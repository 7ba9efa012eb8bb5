// SPDX-License-Identifier: GPL-2.0-or-later
// The scenario that `dmsim tables --scenario` prints makes the same stack again.
#include "sim/tables/scenario_text.h"

#include <array>
#include <chrono>
#include <gtest/gtest.h>

#include "sim/language/parser.h"
#include "sim/scenario/interpreter.h"

#include "tests/sim/tables/tables_requests.h"

namespace {

using namespace sim::tables;

// What dmsetup says of all devices, and the disks with their sizes, numbers and options.
std::string state_of(sim::Machine& machine, sim::host::Host& host) {
  std::string text;
  for (const auto& [name, disk] : machine.disks())
    text += fmt::format("{} {} {} {}\n", name, to_string(disk->dev()), disk->nr_sectors(), disk->read_only);
  const std::array<std::vector<std::string>, 3> questions = {
      std::vector<std::string>{"table"}, {"info", "-c", "--noheadings"}, {"ls", "--tree"}};
  for (const std::vector<std::string>& question : questions) text += host.dmsetup(question).out;
  return text;
}

std::string brought_up_state(const Request& request, std::string& scenario) {
  sim::Machine machine;
  sim::host::Host host(machine);
  std::string state;
  host.run([&] {
    scenario = as_scenario(bring_up(request, host));
    state = state_of(machine, host);
  });
  return state;
}

std::string replayed_state(const std::string& scenario) {
  const auto parsed = sim::language::parse_scenario(scenario);
  EXPECT_TRUE(parsed.ok()) << scenario;
  sim::Machine machine;
  std::string errors;
  sim::scenario::Interpreter interpreter(machine, {}, [](std::string_view) {});
  interpreter.set_error_sink([&](std::string_view line) { errors += line; });
  interpreter.run(parsed.scenario.commands);
  EXPECT_EQ(errors, "");
  sim::host::Host host(machine);
  std::string state;
  host.run([&] { state = state_of(machine, host); });
  return state;
}

void expect_same_when_replayed(const Request& request) {
  std::string scenario;
  const std::string state = brought_up_state(request, scenario);
  EXPECT_EQ(replayed_state(scenario), state) << scenario;
}

TEST(TablesScenario, MakesTheSameStack) {
  expect_same_when_replayed(
      test::tables_request("vg-meta: 0 8192 linear 8:3 2048\n"
                           "luks: 0 40960 crypt aes-xts-plain64 :64:logon:k 0 8:19 4096\n"
                           "two: 0 8 zero\ntwo: 8 8 error\n"
                           "bad: 0 8 linear 8:3 x\n"
                           "up: 0 8 linear /dev/mapper/bad 0\n"
                           "db: 0 40960 clone 253:0 253:2 8:32 8 1 no_hydration\n",
                           "vg-meta (253:0)\nluks (253:2)\ndb (253:9)\nNAME=\"sdc\" MAJ:MIN=\"8:32\" "
                           "SIZE=\"20971520\" RO=\"1\"\n"));
}

TEST(TablesScenario, KeepsOddNamesUuidsAndFlags) {
  expect_same_when_replayed(test::tables_request("-x,LVM-a b,4,ro,0 8 linear 8:3 0;it's,,,rw,0 8 error\n"));
  expect_same_when_replayed(test::tables_request("a\\x20b: 0 8 zero\n#\nempty:\n"));
}

TEST(TablesScenario, WritesEveryOptionOfADisk) {
  using std::chrono::microseconds;
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  EXPECT_EQ(
      disk_command({.name = "a b",
                    .size_bytes = 1 << 20,
                    .options = {.logical_block_size = 4096,
                                .discard_max_bytes = 8192,
                                .read_only = true,
                                .timing = {.read_latency = milliseconds(5),
                                           .write_latency = seconds(2),
                                           .flush_latency = microseconds(1500),
                                           .bytes_per_second = 200ULL << 20}},
                    .number = dmcore::DevT{8, 16}}),
      "disk 'a b' 2048s number=8:16 ro logical_block_size=4096 discard=8K read_latency=5ms write_latency=2s "
      "flush_latency=1500us bandwidth=200M");
  EXPECT_EQ(disk_command({.name = "d", .size_bytes = 512, .options = {.discard = false}}),
            "disk d 1s discard=off");
}

TEST(TablesScenario, OptionsOfDisksSurvive) {
  Request request = test::tables_request("a: 0 2048 linear 8:0 0\n");
  request.build.disks = {
      .logical_block_size = 4096, .discard = false, .timing = {.read_latency = std::chrono::milliseconds(3)}};
  std::string scenario;
  brought_up_state(request, scenario);
  EXPECT_NE(scenario.find("disk sda 2048s number=8:0 logical_block_size=4096 discard=off read_latency=3ms\n"),
            std::string::npos)
      << scenario;
  expect_same_when_replayed(request);
}

}  // namespace
