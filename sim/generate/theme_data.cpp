// SPDX-License-Identifier: GPL-2.0-or-later
// Themes about data.
#include <algorithm>

#include "sim/generate/clone.h"
#include "sim/generate/themes.h"

namespace sim::generate {
namespace {

void io_and_questions(Bench& bench, const Clone& clone, std::uint64_t steps) {
  for (std::uint64_t i = 0; i < steps; i++) {
    if (bench.random.chance(70))
      some_io(bench, clone.device);
    else
      some_question(bench, clone);
  }
}

}  // namespace

void plain_io(Bench& bench) {
  Clone clone = make_clone(bench, "c");
  create(bench, clone);
  bench.say("iostat {}", clone.source.name);
  io_and_questions(bench, clone, bench.random.between(8, 30));
  whole_content(bench, clone);
  if (bench.random.chance(40)) {
    hydrate_all(bench, clone);
    io_and_questions(bench, clone, bench.random.between(1, 6));
    whole_content(bench, clone);
  }
}

void discards(Bench& bench) {
  Random& random = bench.random;
  CloneShape shape;
  shape.destination.discard = random.chance(75);
  if (random.chance(30)) shape.destination.discard_max = random.pick({8ul, 24ul, 64ul, 200ul, 1024ul});
  shape.region_max = 256;
  Clone clone = make_clone(bench, "c", shape);
  create(bench, clone);
  bench.say("sysfs c discard_granularity");
  bench.say("sysfs c discard_max_bytes");
  const std::uint64_t steps = random.between(6, 18);
  for (std::uint64_t i = 0; i < steps; i++) {
    // The flushes in between make what the destination counts certain.
    bench.say("flush c");
    bench.say("iostat {}", clone.destination.name);
    const Span at = bench.span(clone.device);
    bench.say("discard c {} {}", at.sector, at.count);
    if (random.chance(30)) {
      const std::uint64_t sector = at.sector + random.below(9);
      bench.say("discard c {} {}", sector, random.between(1, 100));
    }
    bench.say("flush c");
    bench.say("iostat {}", clone.destination.name);
    if (random.chance(40)) some_io(bench, clone.device);
    if (random.chance(40)) some_question(bench, clone);
  }
  whole_content(bench, clone);
  if (random.chance(30)) hydrate_all(bench, clone);
}

void large_blocks(Bench& bench) {
  Random& random = bench.random;
  CloneShape shape;
  random.choose({
      {1, [&] { shape.destination.alignment = 8; }},
      {1, [&] { shape.source.alignment = 8; }},
      {1,
       [&] {
         shape.destination.alignment = shape.source.alignment = random.pick({2ul, 4ul, 8ul});
       }},
      {1,
       [&] {
         shape.metadata.alignment = 8;
         shape.destination.alignment = random.pick({1ul, 2ul, 8ul});
       }},
  });
  Clone clone = make_clone(bench, "c", shape);
  create(bench, clone);
  bench.say("sysfs c logical_block_size");
  bench.say("sysfs c minimum_io_size");
  io_and_questions(bench, clone, random.between(8, 24));
  if (random.chance(50)) hydrate_all(bench, clone);
  whole_content(bench, clone);
}

void flush_counts(Bench& bench) {
  Random& random = bench.random;
  CloneShape shape;
  shape.regions_max = 200;
  const Clone clone = make_clone(bench, "c", shape);
  create(bench, clone);
  const Device& metadata = clone.metadata;
  const auto count_all = [&] {
    bench.say("iostat {}", metadata.name);
    bench.say("iostat {}", clone.destination.name);
    bench.say("iostat {}", clone.source.name);
  };
  count_all();
  const std::uint64_t steps = random.between(4, 11);
  for (std::uint64_t i = 0; i < steps; i++) {
    const Span at = bench.inner_span(clone.device, 2 * clone.region);
    random.choose({
        {4,
         [&] {
           bench.say("write c {} {} {} fua", at.sector, at.count, bench.pattern());
           bench.say("flush c");
         }},
        {3,
         [&] {
           bench.say("write c {} {} {}", at.sector, at.count, bench.pattern());
           bench.say("flush c");
         }},
        {2,
         [&] {
           bench.say("discard c {} {}", at.sector, at.count);
           bench.say("flush c");
         }},
        {2,
         [&] {
           bench.say("write c {} {} {}", at.sector, at.count, bench.pattern());
           bench.say("dmsetup status c");
         }},
        {1,
         [&] {
           bench.say("write c {} {} {}", at.sector, at.count, bench.pattern());
           bench.say("dmsetup suspend c");
           bench.say("dmsetup resume c");
         }},
        {1,
         [&] {
           bench.say("read c {} {}", at.sector, at.count);
           bench.say("flush c");
         }},
    });
    count_all();
  }
  bench.say("dmsetup status c");
}

void hydration(Bench& bench) {
  Random& random = bench.random;
  CloneShape shape;
  shape.sectors_max = 12000;
  shape.regions_max = 800;
  Clone clone = make_clone(bench, "c", shape);
  const bool at_once = random.chance(40);
  if (at_once) {
    clone.hydrate = true;
    clone.threshold = random.pick({1ul, 2ul, 5ul, 64ul, 1024ul});
  }
  create(bench, clone);
  if (!at_once) {
    bench.say("iostat {}", clone.source.name);
    const std::uint64_t steps = random.below(8);
    for (std::uint64_t i = 0; i < steps; i++) some_io(bench, clone.device, true);
    if (random.chance(50)) bench.say("dmsetup message c 0 hydration_threshold 0");
    if (random.chance(30)) {
      bench.say("dmsetup message c 0 enable_hydration");
      bench.say("dmsetup message c 0 disable_hydration");
      bench.say("dmsetup suspend c");
      bench.say("dmsetup resume c");
    }
  }
  hydrate_all(bench, clone);
  bench.say("dmsetup info -c --noheadings -o name,events c");
  if (!at_once) bench.say("iostat {}", clone.source.name);
  whole_content(bench, clone);
  io_and_questions(bench, clone, random.between(1, 8));
  if (random.chance(50)) {
    reopen(bench, clone);
    bench.say("dmsetup status c");
    bench.say("dmsetup info -c --noheadings -o name,events c");
  }
  whole_content(bench, clone);
}

}  // namespace sim::generate
