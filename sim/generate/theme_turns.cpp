// SPDX-License-Identifier: GPL-2.0-or-later
// Turns: several requests in flight on a few regions, without fences, so that the outcome depends on the
// order in which tasks run. The reference kernel runs in virtual time too, and answers most of them the same
// each time; the others are not compared.
#include <algorithm>

#include "sim/generate/clone.h"
#include "sim/generate/themes.h"

namespace sim::generate {
namespace {

constexpr std::uint64_t regions = 12;

// Part of `under` may lie behind a delay.
Device delayed(Bench& bench, const Device& under, std::string_view name, unsigned percent) {
  Random& random = bench.random;
  if (!random.chance(percent)) return under;
  const unsigned first = random.pick({0U, 10U, 100U, 500U, 1000U});
  std::string target = fmt::format("delay {} 0 {}", under.path(), first);
  if (random.chance(50)) target += fmt::format(" {} 0 {}", under.path(), random.pick({0U, 10U, 200U, 1000U}));
  bench.create(name, table(under.sectors, target));
  Device device = under;
  device.name = name;
  device.mapped = true;
  return device;
}

Clone make_slow_clone(Bench& bench) {
  Random& random = bench.random;
  Clone clone;
  clone.region = random.pick({8ul, 8ul, 16ul, 64ul});
  clone.device = {.name = "c", .sectors = clone.region * random.between(2, regions), .unit = clone.region};
  if (random.chance(20)) clone.device.sectors -= random.between(1, clone.region - 1);
  clone.metadata = bench.disk(8192);
  clone.destination = bench.disk(clone.device.sectors);
  clone.source = bench.disk(clone.device.sectors);
  bench.stamp(clone.source, 'S');
  if (random.chance(40)) bench.say("write {} 0 {} D", clone.destination.name, clone.destination.sectors);
  clone.source = delayed(bench, clone.source, "s", 80);
  clone.destination = delayed(bench, clone.destination, "d", 40);
  clone.metadata = delayed(bench, clone.metadata, "m", 15);
  // Without a delay the kernel hydrates while the next commands run, and its progress at a given command
  // depends on how the processor is shared.
  clone.hydrate = clone.source.mapped && random.chance(40);
  clone.passdown = random.chance(75);
  if (random.chance(30)) clone.threshold = random.pick({1ul, 2ul, 4ul, 64ul});
  if (random.chance(30)) clone.batch = random.pick({1ul, 2ul, 4ul, 64ul});
  return clone;
}

// A span about one region, which a few others are likely to meet.
Span about_a_region(Bench& bench, const Clone& clone) {
  Random& random = bench.random;
  const std::uint64_t sectors = clone.device.sectors;
  const std::uint64_t start = random.below(std::min<std::uint64_t>(clone.regions(), 4)) * clone.region;
  const std::uint64_t shift = random.chance(50) ? 0 : random.below(clone.region);
  const std::uint64_t first = std::min(start + shift, sectors - 1);
  const std::uint64_t most = random.chance(30) ? 3 * clone.region : clone.region;
  const std::uint64_t count = random.chance(40) ? clone.region : random.between(1, most);
  return {first, std::min(count, sectors - first)};
}

void in_flight(Bench& bench, const Clone& clone, char letter) {
  Random& random = bench.random;
  const Span at = about_a_region(bench, clone);
  random.choose({
      {8, [&] { bench.say("write c {} {} {} &", at.sector, at.count, letter); }},
      {2, [&] { bench.say("write c {} {} {} fua &", at.sector, at.count, letter); }},
      {4, [&] { bench.say("read c {} {} &", at.sector, at.count); }},
      {3, [&] { bench.say("discard c {} {} &", at.sector, at.count); }},
      {2, [&] { bench.say("flush c &"); }},
  });
}

// Returns whether the device is suspended, now or when its I/O has ended.
bool meanwhile(Bench& bench, const Clone& clone) {
  Random& random = bench.random;
  bool suspends = false;
  random.choose({
      {4,
       [&] {
         bench.say("sleep {}", random.pick({"1ms", "4ms", "50ms", "300ms", "1"}));
       }},
      {2, [&] { bench.say("dmsetup status c"); }},
      {clone.hydrate ? 1U : 0U,
       [&] {
         bench.say("dmsetup message c 0 {}_hydration", random.pick({"enable", "disable"}));
       }},
      {1,
       [&] {
         bench.say("dmsetup suspend {}c &", random.pick({"", "--noflush ", "--nolockfs "}));
         suspends = true;
       }},
      {1, [&] { bench.say("dmsetup resume c &"); }},
  });
  return suspends;
}

}  // namespace

void turns(Bench& bench) {
  Random& random = bench.random;
  const Clone clone = make_slow_clone(bench);
  create(bench, clone);
  const std::uint64_t rounds = random.between(1, 3);
  char letter = 'A';
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const std::uint64_t steps = random.between(2, 8);
    bool suspends = false;
    for (std::uint64_t i = 0; i < steps; ++i) {
      if (random.chance(25)) suspends = meanwhile(bench, clone) || suspends;
      in_flight(bench, clone, letter++);
    }
    // If the suspend ends after the resume, bios that are submitted later never complete.
    if (suspends) bench.say("sleep 20");
    bench.say("dmsetup resume c");
    bench.say("wait");
    bench.say("dmsetup status c");
    bench.say("read c 0 {}", clone.device.sectors);
  }
  for (const Device* device : {&clone.metadata, &clone.destination, &clone.source}) {
    if (!device->mapped) bench.say("iostat {}", device->name);
  }
  bench.say("dmsetup info -c --noheadings -o name,events c");
}

}  // namespace sim::generate
