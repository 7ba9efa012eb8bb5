// SPDX-License-Identifier: GPL-2.0-or-later
// Themes about failures. A linear device between the clone and the disk that is to fail gets another table
// for a while. Before that, everything is flushed: a commit must only happen where the scenario causes one.
#include <algorithm>

#include "sim/generate/clone.h"
#include "sim/generate/companions.h"
#include "sim/generate/themes.h"

namespace sim::generate {
namespace {

Device in_between(Bench& bench, const std::string& name, const Device& below) {
  Device device = below;
  device.name = name;
  device.mapped = true;
  bench.create(name, table(device.sectors, fmt::format("linear {} 0", below.path())));
  return device;
}

void make_good(Bench& bench, const Device& device, const Device& below) {
  bench.swap_table(device.name, table(device.sectors, fmt::format("linear {} 0", below.path())), true);
}

CloneShape small_shape() {
  CloneShape shape;
  shape.sectors_max = 2000;
  shape.region_max = 64;
  return shape;
}

void reads_and_writes(Bench& bench, const Clone& clone, std::uint64_t steps) {
  Random& random = bench.random;
  for (std::uint64_t i = 0; i < steps; i++) {
    const Span at = bench.inner_span(clone.device, 4 * clone.region);
    random.choose({
        {4, [&] { bench.say("read c {} {}", at.sector, at.count); }},
        {4, [&] { bench.say("write c {} {} {}", at.sector, at.count, bench.pattern()); }},
        {1, [&] { bench.say("dmsetup status c"); }},
    });
  }
}

}  // namespace

void failing_source(Bench& bench) {
  Random& random = bench.random;
  Clone clone = make_clone(bench, "c", small_shape());
  const Device below = clone.source;
  const bool dusty = random.chance(40);
  if (dusty) {
    clone.source.name = "s";
    clone.source.mapped = true;
    bench.create("s", table(below.sectors, fmt::format("dust {} 0 512", below.path())));
    const std::uint64_t bad = random.between(1, 6);
    for (std::uint64_t i = 0; i < bad; i++)
      bench.say("dmsetup message s 0 addbadblock {}", random.below(clone.device.sectors));
  } else {
    clone.source = in_between(bench, "s", below);
  }
  create(bench, clone);
  reads_and_writes(bench, clone, random.between(1, 4));
  if (dusty)
    bench.say("dmsetup message s 0 enable");
  else
    bench.swap_table("s", failing_table(bench, below.sectors, below));
  reads_and_writes(bench, clone, random.between(3, 8));
  if (random.chance(50)) bench.say("discard c 0 {}", clone.region * random.between(1, 8));
  bench.say("dmsetup status c");
  if (dusty)
    bench.say("dmsetup message s 0 disable");
  else
    make_good(bench, clone.source, below);
  reads_and_writes(bench, clone, random.between(1, 4));
  if (random.chance(60)) hydrate_all(bench, clone);
  whole_content(bench, clone);
}

void failing_destination(Bench& bench) {
  Random& random = bench.random;
  Clone clone = make_clone(bench, "c", small_shape());
  const Device below = clone.destination;
  clone.destination = in_between(bench, "d", below);
  create(bench, clone);
  reads_and_writes(bench, clone, random.between(1, 4));
  bench.say("flush c");
  bench.swap_table("d", random.chance(70) ? failing_table(bench, below.sectors, below)
                                          : table(below.sectors,
                                                  fmt::format("flakey {} 0 0 3600 1 {}", below.path(),
                                                              random.pick({"error_writes", "drop_writes"}))));
  // Reads first; a region can be marked now only if the copy to the destination works.
  for (int i = 0; i < 2; i++) {
    const Span at = bench.inner_span(clone.device, 4 * clone.region);
    bench.say("read c {} {}", at.sector, at.count);
  }
  const std::uint64_t changes = random.between(1, 3);
  for (std::uint64_t i = 0; i < changes; i++) {
    committed_change(bench, clone);
    if (random.chance(50)) bench.say("dmsetup status c");
  }
  bench.say("dmsetup status c");
  bench.say("dmsetup info -c --noheadings -o name,events c");
  make_good(bench, clone.destination, below);
  bench.say("flush c");
  reads_and_writes(bench, clone, random.between(1, 4));
  if (random.chance(60)) {
    bench.say("flush c");
    bench.swap_table("c", clone.table());
    bench.say("dmsetup status c");
    reads_and_writes(bench, clone, random.between(1, 4));
  }
  bench.say("sha256 c 0 {}", clone.device.sectors);
}

void failing_metadata(Bench& bench) {
  Random& random = bench.random;
  Clone clone = make_clone(bench, "c", small_shape());
  const Device below = clone.metadata;
  clone.metadata = in_between(bench, "m", below);
  create(bench, clone);
  const std::uint64_t rounds = random.between(1, 2);
  for (std::uint64_t round = 0; round < rounds; round++) {
    const std::uint64_t before = random.below(4);
    for (std::uint64_t i = 0; i < before; i++) committed_change(bench, clone);
    bench.say("flush c");
    bench.swap_table(
        "m",
        random.pick({table(below.sectors, "error"), failing_table(bench, below.sectors, below),
                     table(below.sectors, fmt::format("flakey {} 0 0 3600", below.path())),
                     table(below.sectors, fmt::format("flakey {} 0 0 3600 1 error_writes", below.path())),
                     table(below.sectors, fmt::format("flakey {} 0 0 3600 1 drop_writes", below.path()))}));
    const std::uint64_t changes = random.between(1, 3);
    for (std::uint64_t i = 0; i < changes; i++) {
      committed_change(bench, clone);
      if (random.chance(40)) bench.say("dmsetup status c");
    }
    bench.say("read c 0 {}", std::min<std::uint64_t>(clone.device.sectors, 300));
    bench.say("dmsetup status c");
    bench.say("dmsetup table c");
    make_good(bench, clone.metadata, below);
    bench.say("flush c");
    bench.say("dmsetup status c");
    random.choose({
        {1, [&] { reopen(bench, clone); }},
        {1, [&] { bench.swap_table("c", clone.table()); }},
        {1,
         [&] {
           bench.say("dmsetup suspend c");
           bench.say("dmsetup resume c");
         }},
    });
    bench.say("dmsetup status c");
    bench.say("dmsetup info -c --noheadings -o name,events c");
  }
  const std::uint64_t after = random.below(3);
  for (std::uint64_t i = 0; i < after; i++) committed_change(bench, clone);
  bench.say("dmsetup status c");
  bench.say("sha256 c 0 {}", clone.device.sectors);
}

}  // namespace sim::generate
