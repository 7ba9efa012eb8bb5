// SPDX-License-Identifier: GPL-2.0-or-later
// Writers that meet in one region, under many schedules: whoever lets go of the bucket's lock to take a
// descriptor must look again, since the region may have been hydrated, or another's hydration begun,
// meanwhile.
#include <gtest/gtest.h>

#include "sim/dmsetup/dmsetup.h"
#include "sim/host/device_file.h"
#include "sim/host/machine_system.h"
#include "sim/store/memory_store.h"

#include "tests/rig/letters.h"

namespace test {
namespace {

constexpr dmcore::sector_t sectors = 32;
constexpr dmcore::sector_t region = 8;

struct Setting {
  std::uint64_t seed;
  bool hydrates;  // in the background, from a source that takes 1 ms for a read
};

void make_clone(sim::Machine& machine, sim::host::MachineSystem& system, const Setting& setting) {
  machine.add_disk("loop0", std::make_unique<sim::MemoryStore>(1U << 20U), {});
  machine.add_disk("loop1", std::make_unique<sim::MemoryStore>(dmcore::to_bytes(sectors)), {});
  auto source = std::make_unique<sim::MemoryStore>(dmcore::to_bytes(sectors));
  source->write(0, std::vector<std::byte>(dmcore::to_bytes(sectors), std::byte{'s'})).ignore();
  const dmcore::Duration latency = std::chrono::milliseconds(setting.hydrates ? 1 : 0);
  machine.add_disk("loop2", std::move(source), {.timing = {.read_latency = latency}});
  const std::vector<std::string> create = {"create", "c", "--table",
                                           std::string("0 32 clone /dev/loop0 /dev/loop1 /dev/loop2 8") +
                                               (setting.hydrates ? "" : " 1 no_hydration")};
  ASSERT_EQ(sim::dmsetup::run(system, create).exit_code, 0);
}

// One write of one sector for each letter of `text` that is not '.', all begun at once, or, beside the
// background hydration, one after the other; then what is read.
std::string written(const std::string& text, const Setting& setting) {
  sim::Machine machine(sim::Schedule{.kind = sim::Schedule::Kind::random, .seed = setting.seed});
  sim::host::MachineSystem system(machine, "");
  std::string seen;
  machine.run([&] {
    make_clone(machine, system, setting);
    dmcore::BlockDevice& device = *machine.block().find(*machine.block().lookup_path("/dev/mapper/c"));
    std::size_t ended = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '.') continue;
      machine.runtime().spawn("writer", [&, i] {
        if (setting.hydrates) machine.runtime().sleep_for(i * std::chrono::microseconds(125));
        EXPECT_TRUE(write_fill(device, i, 1, text[i]).ok());
        ++ended;
      });
    }
    const auto writers = static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char letter) { return letter != '.'; }));
    while (ended != writers) machine.runtime().sleep_for(std::chrono::milliseconds(1));
    machine.runtime().sleep_for(std::chrono::seconds(2));
    seen = read_letters(device, 0, sectors);
  });
  return seen;
}

TEST(WritersInOneRegion, AllGetThereWhateverTheSchedule) {
  std::string text(sectors, '.');
  std::string expected(sectors, 's');
  for (std::size_t i = 0; i < sectors; ++i) {
    if (i % region == 7) continue;  // one sector of each region is the source's
    text[i] = expected[i] = static_cast<char>('A' + static_cast<int>(i % 26));
  }
  for (std::uint64_t seed = 0; seed < 60; ++seed) ASSERT_EQ(written(text, {seed, false}), expected) << seed;
}

TEST(WritersInOneRegion, MeetTheBackgroundHydrationWhateverTheSchedule) {
  const std::string text = "AB.....CDE.....FGH.....IJK.....L";
  const std::string expected = "ABsssssCDEsssssFGHsssssIJKsssssL";
  for (std::uint64_t seed = 0; seed < 60; ++seed) ASSERT_EQ(written(text, {seed, true}), expected) << seed;
}

}  // namespace
}  // namespace test
