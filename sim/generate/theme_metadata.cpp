// SPDX-License-Identifier: GPL-2.0-or-later
// Themes about the metadata: what outlives the device.
#include <algorithm>

#include "sim/generate/clone.h"
#include "sim/generate/themes.h"

namespace sim::generate {

void reopening(Bench& bench) {
  Random& random = bench.random;
  Clone clone = make_clone(bench, "c");
  create(bench, clone);
  const std::uint64_t rounds = random.between(2, 5);
  for (std::uint64_t round = 0; round < rounds; round++) {
    const std::uint64_t steps = random.between(1, 7);
    for (std::uint64_t i = 0; i < steps; i++) some_io(bench, clone.device);
    random.choose({
        {5, [&] { reopen(bench, clone); }},
        // another table over the same metadata
        {2,
         [&] {
           bench.say("flush c");
           clone.passdown = random.chance(50);
           bench.swap_table("c", clone.table());
         }},
        // a table that does not match
        {2,
         [&] {
           bench.say("dmsetup remove c");
           Clone other = clone;
           if (random.chance(50))
             other.region = other.region == 8 ? 16 : other.region / 2;
           else
             other.device.sectors = std::max<std::uint64_t>(other.device.sectors - random.between(1, 64), 1);
           create(bench, other);
           bench.say("dmsetup remove c");
           create(bench, clone);
         }},
        // forgotten: all begins anew
        {1,
         [&] {
           bench.say("dmsetup remove c");
           bench.say("write {} 0 8 zero", clone.metadata.name);
           create(bench, clone);
         }},
    });
    bench.say("dmsetup status c");
    if (random.chance(40)) bench.say("read c 0 {}", std::min<std::uint64_t>(clone.device.sectors, 600));
  }
  whole_content(bench, clone);
  if (random.chance(30)) hydrate_all(bench, clone);
}

void metadata_bytes(Bench& bench) {
  Random& random = bench.random;
  CloneShape shape;
  shape.regions_max = random.pick({64ul, 300ul, 2000ul});
  shape.sectors_max = 16000;
  shape.region_max = 64;
  const Clone clone = make_clone(bench, "c", shape);
  create(bench, clone);
  bench.say("sha256 {}", clone.metadata.name);
  const std::uint64_t steps = random.between(4, 16);
  for (std::uint64_t i = 0; i < steps; i++) {
    committed_change(bench, clone);
    if (random.chance(60)) bench.say("sha256 {}", clone.metadata.name);
    if (random.chance(15)) {
      reopen(bench, clone);
      bench.say("sha256 {}", clone.metadata.name);
    }
    if (random.chance(8)) {
      bench.swap_table("c", clone.table());
      bench.say("sha256 {}", clone.metadata.name);
    }
    if (random.chance(15)) bench.say("dmsetup status c");
  }
  bench.say("dmsetup remove c");
  bench.say("sha256 {}", clone.metadata.name);
}

void small_metadata(Bench& bench) {
  Random& random = bench.random;
  // Not eight blocks: with them Linux 6.1 itself fails with a bug when the space runs out (docs/fidelity.md).
  const std::uint64_t blocks = random.pick({1ul, 2ul, 4ul, 5ul, 6ul, 7ul, 9ul, 10ul, 11ul, 12ul, 13ul, 14ul});
  const std::uint64_t more = random.chance(20) ? random.below(8) : 0;
  const std::uint64_t sectors = 8 * blocks + more;
  const Device metadata = bench.disk(sectors);
  const Device destination = bench.disk(random.pick({2048ul, 8192ul}));
  const Device source = bench.disk(8192);
  bench.stamp(source, 'S');
  const std::uint64_t tries = random.between(1, 4);
  for (std::uint64_t i = 0; i < tries; i++) {
    Clone clone;
    clone.device = {.name = "c", .sectors = 2048, .unit = 8, .alignment = 1, .mapped = true};
    clone.metadata = metadata;
    clone.destination = destination;
    clone.source = source;
    clone.region = clone.device.unit = random.pick({8ul, 8ul, 16ul});
    if (random.chance(30)) clone.device.sectors = random.between(8, 2048);
    create(bench, clone);
    bench.say("dmsetup status c");
    const std::uint64_t changes = random.below(5);
    for (std::uint64_t change = 0; change < changes; change++) {
      committed_change(bench, clone);
      bench.say("dmsetup status c");
    }
    bench.say("sha256 {}", metadata.name);
    bench.say("dmsetup remove c");
    if (random.chance(50)) bench.say("write {} 0 {} {}", metadata.name, metadata.sectors, bench.pattern());
  }
}

}  // namespace sim::generate
