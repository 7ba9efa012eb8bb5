// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/generate/clone.h"

#include <algorithm>

namespace sim::generate {

std::string Clone::target() const {
  std::string out =
      fmt::format("clone {} {} {} {}", metadata.path(), destination.path(), source.path(), region);
  const int features = (hydrate ? 0 : 1) + (passdown ? 0 : 1);
  const int core_args = (threshold ? 2 : 0) + (batch ? 2 : 0);
  if (features > 0 || core_args > 0) out += fmt::format(" {}", features);
  if (!hydrate) out += " no_hydration";
  if (!passdown) out += " no_discard_passdown";
  if (core_args > 0) out += fmt::format(" {}", core_args);
  if (threshold) out += fmt::format(" hydration_threshold {}", *threshold);
  if (batch) out += fmt::format(" hydration_batch_size {}", *batch);
  return out;
}

Clone make_clone(Bench& bench, std::string_view name, const CloneShape& shape) {
  Random& random = bench.random;
  Clone clone;
  do {
    clone.region = std::uint64_t{8} << random.weighted({6, 5, 4, 3, 3, 2, 2, 1});
  } while (clone.region > shape.region_max);
  const std::uint64_t sectors_max = std::min(shape.sectors_max, clone.region * shape.regions_max);
  const std::uint64_t alignment = std::max(shape.destination.alignment, shape.source.alignment);
  std::uint64_t sectors = random.between(std::min<std::uint64_t>(64, sectors_max), sectors_max);
  if (random.chance(40)) sectors = std::max(sectors / clone.region * clone.region, clone.region);
  sectors = std::max(sectors / alignment * alignment, alignment);
  clone.device = {.name = std::string(name),
                  .sectors = sectors,
                  .unit = clone.region,
                  .alignment = std::max(alignment, std::uint64_t{1}),
                  .mapped = true};
  const auto larger = [&](std::uint64_t step) {
    return random.chance(60) ? sectors : sectors + random.between(1, 40) * step;
  };
  clone.metadata = bench.disk(random.pick({8192ul, 8192ul, 8192ul, 2048ul, 4096ul, 16384ul}), shape.metadata);
  clone.destination = bench.disk(larger(alignment), shape.destination);
  clone.source = bench.disk(larger(alignment), shape.source);
  if (!shape.source.read_only) bench.stamp(clone.source, 'S');
  if (!shape.destination.read_only && random.chance(60))
    bench.say("write {} 0 {} D", clone.destination.name, clone.destination.sectors);
  clone.passdown = random.chance(75);
  if (random.chance(20)) clone.threshold = random.pick({0ul, 1ul, 2ul, 8ul, 256ul, 100000ul});
  if (random.chance(20)) clone.batch = random.pick({0ul, 1ul, 2ul, 7ul, 64ul, 4294967295ul});
  return clone;
}

void create(Bench& bench, const Clone& clone) {
  bench.create(clone.device.name, clone.table());
}

void reopen(Bench& bench, const Clone& clone) {
  bench.say("dmsetup remove {}", clone.device.name);
  create(bench, clone);
}

void some_io(Bench& bench, const Device& device, bool fua_in_one_region) {
  Random& random = bench.random;
  const Span at = bench.span(device);
  random.choose({
      {8,
       [&] {
         bench.say("write {} {} {} {}", device.name, at.sector, std::min<std::uint64_t>(at.count, 3000),
                   bench.pattern());
       }},
      {3,
       [&] {
         bench.say("write {} {} {} {} fua", device.name, at.sector,
                   std::min<std::uint64_t>(at.count,
                                           fua_in_one_region ? device.unit - at.sector % device.unit : 1000),
                   bench.pattern());
       }},
      {3, [&] { bench.say("discard {} {} {}", device.name, at.sector, at.count); }},
      {2,
       [&] { bench.say("read {} {} {}", device.name, at.sector, std::min<std::uint64_t>(at.count, 600)); }},
      {1, [&] { bench.say("flush {}", device.name); }},
  });
}

void committed_change(Bench& bench, const Clone& clone) {
  Random& random = bench.random;
  const Span at = bench.inner_span(clone.device);
  const std::uint64_t left = clone.region - at.sector % clone.region;
  random.choose({
      {3,
       [&] {
         bench.say("write {} {} {} {}", clone.device.name, at.sector, std::min(at.count, left),
                   bench.pattern());
         bench.say("flush {}", clone.device.name);
       }},
      {2,
       [&] {
         bench.say("write {} {} {} {} fua", clone.device.name, at.sector, std::min(at.count, left),
                   bench.pattern());
       }},
      {2,
       [&] {
         bench.say("discard {} {} {}", clone.device.name, at.sector / clone.region * clone.region,
                   clone.region * random.between(1, 20));
         bench.say("flush {}", clone.device.name);
       }},
  });
}

void hydrate_all(Bench& bench, Clone& clone) {
  Random& random = bench.random;
  const std::string& name = clone.device.name;
  if (random.chance(50) || clone.batch == 0)
    bench.say("dmsetup message {} 0 hydration_batch_size {}", name, random.pick({0, 1, 2, 5, 16, 64, 1000}));
  bench.say("dmsetup message {} 0 hydration_threshold {}", name, random.pick({1, 2, 3, 10, 64, 300, 100000}));
  if (!clone.hydrate) bench.say("dmsetup message {} 0 enable_hydration", name);
  clone.hydrate = true;
  bench.say("until {} ' {}/{} 0 '", name, clone.regions(), clone.regions());
  bench.say("dmsetup status {}", name);
}

void whole_content(Bench& bench, const Clone& clone) {
  bench.say("sha256 {} 0 {}", clone.device.name, clone.device.sectors);
  bench.say("sha256 {} 0 {}", clone.destination.name, clone.device.sectors);
}

void some_question(Bench& bench, const Clone& clone) {
  Random& random = bench.random;
  const std::string& name = clone.device.name;
  const Span at = bench.span(clone.device);
  const std::uint64_t count = std::min<std::uint64_t>(at.count, 800);
  random.choose({
      {6, [&] { bench.say("dmsetup status {}", name); }},
      {4, [&] { bench.say("read {} {} {}", name, at.sector, count); }},
      {3, [&] { bench.say("read {} {} {}", clone.destination.name, at.sector, count); }},
      {2, [&] { bench.say("sha256 {}", name); }},
      {3, [&] { bench.say("iostat {}", clone.source.name); }},
      {1, [&] { bench.say("dmsetup table {}", name); }},
      {1, [&] { bench.say("dmsetup info -c --noheadings -o name,attr,open,segments {}", name); }},
      {2, [&] { bench.say("sha256 {} 0 {}", clone.destination.name, clone.device.sectors); }},
  });
}

}  // namespace sim::generate
