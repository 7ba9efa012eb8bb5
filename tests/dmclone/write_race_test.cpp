// SPDX-License-Identifier: GPL-2.0-or-later
// Writers that meet in one region, under many schedules: a writer that drops the bucket's lock to allocate a
// hydration has to look the region up again, since meanwhile it may have been hydrated, or another's
// hydration begun.
#include <algorithm>
#include <gtest/gtest.h>

#include "tests/rig/clone.h"

namespace {

constexpr dmcore::sector_t sectors = 32;
constexpr dmcore::sector_t raced_region = 8;

struct Setting {
  std::uint64_t seed;
  bool hydrates;  // in the background, from a source that takes 1 ms for a read
};

// One write of one sector for each letter of `text` that is not '.', all begun at once, or, beside the
// background hydration, one after the other; then what is read.
std::string written(const std::string& text, const Setting& setting) {
  test::Machine machine({.kind = sim::Schedule::Kind::random, .seed = setting.seed});
  test::CloneShape shape = {.sectors = sectors, .region_sectors = raced_region};
  if (setting.hydrates) {
    shape.features = {};
    shape.source_options.timing.read_latency = std::chrono::milliseconds(1);
  }
  test::Clone clone(machine, shape);
  std::string seen;
  machine.run([&] {
    clone.create();
    machine.in_parallel(static_cast<unsigned>(text.size()), [&](unsigned sector) {
      if (text[sector] == '.') return;
      if (setting.hydrates) machine.host().sleep_for(sector * std::chrono::microseconds(125));
      clone.write(sector, text.substr(sector, 1));
    });
    machine.host().sleep_for(std::chrono::seconds(2));
    seen = clone.read(0, sectors);
  });
  return seen;
}

TEST(WritersInOneRegion, AllGetThereWhateverTheSchedule) {
  std::string text(sectors, '.');
  std::string expected(sectors, 's');
  for (std::size_t i = 0; i < sectors; ++i) {
    if (i % raced_region == 7) continue;  // one sector of each region is the source's
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
