// SPDX-License-Identifier: GPL-2.0-or-later
// Sizes at the far end: large devices, many and large regions, and what is refused for being too large.
#include <algorithm>

#include "sim/generate/clone.h"
#include "sim/generate/themes.h"

namespace sim::generate {
namespace {

constexpr std::uint64_t gib = std::uint64_t{1} << 21U;  // sectors

// A place in a large device: at its beginning, its end, or anywhere.
Span place(Random& random, const Clone& clone) {
  const std::uint64_t sectors = clone.device.sectors;
  const std::uint64_t count = std::min<std::uint64_t>(random.between(1, 40), sectors);
  const auto sector = random.choose<std::uint64_t>({
      {1, [&] { return random.below(std::min<std::uint64_t>(sectors, 64)); }},
      {1, [&] { return sectors - count; }},
      {1,
       [&] {
         const std::uint64_t border = random.below(clone.regions()) * clone.region;
         return border - std::min(border, random.below(20));
       }},
      {1, [&] { return random.below(sectors); }},
  });
  return {.sector = sector, .count = count};
}

Clone large_clone(Bench& bench) {
  Random& random = bench.random;
  Clone clone;
  clone.region = random.pick({8ul, 64ul, 1024ul, 2048ul, 4096ul, 32768ul, 1048576ul, 2097152ul});
  // Few enough regions for a metadata device of a usual size.
  const std::uint64_t regions = random.between(1, 100'000);
  const std::uint64_t sectors =
      std::min(regions * clone.region, 4000 * gib) - (random.chance(50) ? random.below(clone.region) : 0);
  clone.device = {.name = "c", .sectors = sectors, .unit = clone.region, .alignment = 1, .mapped = true};
  clone.metadata = bench.disk(random.pick({8192ul, 16384ul}));
  const std::uint64_t longer = random.below(3) * 8;
  clone.destination = bench.disk(sectors + longer, {.discard = random.chance(70)});
  clone.source = bench.disk(sectors + random.below(2) * 1000);
  clone.passdown = random.chance(70);
  return clone;
}

}  // namespace

void large(Bench& bench) {
  Random& random = bench.random;
  const Clone clone = large_clone(bench);
  for (int i = 0; i < 3; i++) {
    const Span at = place(random, clone);
    bench.say("write {} {} {} @S", clone.source.name, at.sector, at.count);
  }
  create(bench, clone);
  for (const char* limit : {"discard_granularity", "discard_max_bytes", "optimal_io_size", "minimum_io_size"})
    bench.say("sysfs c {}", limit);
  bench.say("dmsetup status c");
  const std::uint64_t steps = random.between(4, 12);
  for (std::uint64_t i = 0; i < steps; i++) {
    const Span at = place(random, clone);
    // Copying a region of more than 16 MiB would only take long.
    const bool copies = clone.region <= 32768;
    random.choose({
        {4, [&] { bench.say("read c {} {}", at.sector, at.count); }},
        {3,
         [&] {
           if (copies) bench.say("write c {} {} {}", at.sector, at.count, bench.pattern());
         }},
        {3,
         [&] {
           const std::uint64_t begin = at.sector / clone.region * clone.region;
           const std::uint64_t count = random.chance(70) ? clone.region * random.between(1, 9)
                                                         : random.below(clone.device.sectors - begin) + 1;
           bench.say("discard c {} {}", begin, std::min(count, clone.device.sectors - begin));
         }},
        {1,
         [&] {
           bench.say("flush c");
           bench.say("dmsetup status c");
         }},
        {1,
         [&] {
           bench.say("flush c");
           reopen(bench, clone);
         }},
    });
  }
  bench.say("flush c");
  bench.say("dmsetup status c");
  bench.say("dmsetup table c");
  bench.say("sha256 {}", clone.metadata.name);
}

void too_large(Bench& bench) {
  Random& random = bench.random;
  const std::uint64_t sectors = random.pick({std::uint64_t{1} << 34U, std::uint64_t{1} << 35U, 20000 * gib});
  const Device metadata = bench.disk(random.pick({8192ul, 34'000'000ul, 33'292'800ul, 33'292'801ul}));
  const Device destination = bench.disk(sectors);
  const Device source = bench.disk(sectors);
  const std::uint64_t tries = random.between(3, 8);
  for (std::uint64_t i = 0; i < tries; i++) {
    const std::uint64_t region =
        random.pick({8ul, 8ul, 16ul, 1024ul, 65536ul, 1048576ul, 2097152ul, 4194304ul, 24ul, 12ul, 4ul});
    // Up to some hundred thousand regions it works, if the metadata has room.
    const std::uint64_t regions =
        random.pick({std::uint64_t{1} << 31U, (std::uint64_t{1} << 31U) + 1, (std::uint64_t{1} << 31U) - 1,
                     std::uint64_t{1} << 32U, std::uint64_t{100'000}, std::uint64_t{100}});
    const std::uint64_t length = regions > 1'000'000 && region > 16 ? region * 1000 : regions * region;
    if (regions == (std::uint64_t{1} << 31U) - 1 && region <= 16) continue;  // 256 MiB of bitmap, for nothing
    if (regions == std::uint64_t{1} << 31U && region <= 16) continue;
    bench.create("c", table(length, fmt::format("clone {} {} {} {} 1 no_hydration", metadata.path(),
                                                destination.path(), source.path(), region)));
    bench.say("dmsetup status c");
    bench.say("dmsetup remove c");
    if (random.chance(70)) bench.say("write {} 0 8 zero", metadata.name);
  }
}

// Tables over devices of other logical block sizes, in pieces that fit them or not.
void misaligned(Bench& bench) {
  Random& random = bench.random;
  const Device plain = bench.disk(4096);
  const Device large_blocks = bench.disk(4096, {.alignment = random.pick({2ul, 4ul, 8ul, 8ul})});
  const Device metadata = bench.disk(8192, {.alignment = random.pick({1ul, 8ul})});
  // Only clones read it: where another target of the same table writes to it, Linux 6.1 uses a device after
  // freeing it (docs/findings.md).
  const Device source = bench.disk(4096, {.alignment = random.pick({1ul, 1ul, 8ul})});
  const std::uint64_t tries = random.between(4, 10);
  for (std::uint64_t i = 0; i < tries; i++) {
    std::string text;
    std::uint64_t begin = 0;
    const std::uint64_t lines = random.between(1, 4);
    for (std::uint64_t line = 0; line < lines; line++) {
      const std::uint64_t length = random.chance(70) ? random.between(1, 12) * 8 : random.between(1, 40);
      const Device& below = random.pick({plain, large_blocks});
      const std::uint64_t offset = random.chance(70) ? random.below(20) * 8 : random.below(50);
      const std::string target =
          random.pick({fmt::format("linear {} {}", below.path(), offset),
                       fmt::format("linear {} {}", below.path(), offset), std::string("zero"),
                       fmt::format("striped 1 {} {} {}", length, below.path(), offset),
                       fmt::format("dust {} {} {}", below.path(), offset, random.pick({512, 4096})),
                       fmt::format("delay {} {} 0", below.path(), offset),
                       fmt::format("flakey {} {} 3600 0", below.path(), offset),
                       fmt::format("clone {} {} {} {} 1 no_hydration", metadata.path(), below.path(),
                                   source.path(), random.pick({8, 8, 16, 4, 32}))});
      if (!text.empty()) text += '\n';
      text += fmt::format("{} {} {}", begin, length, target);
      begin += length;
    }
    bench.create("t", text);
    if (random.chance(50))
      bench.say("sysfs t {}", random.pick({"logical_block_size", "minimum_io_size", "optimal_io_size",
                                           "physical_block_size"}));
    const Device device{.name = "t", .sectors = begin, .unit = 8, .alignment = 1, .mapped = true};
    const Span at = bench.span(device, 64);
    if (random.chance(50)) bench.say("read t {} {}", at.sector, at.count);
    if (random.chance(50)) bench.say("write t {} {} {}", at.sector, at.count, bench.pattern());
    bench.say("dmsetup remove t");
    bench.say("write {} 0 8 zero", metadata.name);
  }
}

}  // namespace sim::generate
