// SPDX-License-Identifier: GPL-2.0-or-later
// Themes about stacks: companions above and below a clone, and clones of clones.
#include <algorithm>

#include "sim/generate/clone.h"
#include "sim/generate/companions.h"
#include "sim/generate/themes.h"

namespace sim::generate {
namespace {

constexpr const char* limits[] = {"minimum_io_size",
                                  "optimal_io_size",
                                  "discard_granularity",
                                  "discard_max_bytes",
                                  "logical_block_size",
                                  "physical_block_size",
                                  "max_sectors_kb",
                                  "max_hw_sectors_kb",
                                  "discard_max_hw_bytes",
                                  "write_zeroes_max_bytes",
                                  "chunk_sectors",
                                  "discard_zeroes_data",
                                  "rotational",
                                  "fua",
                                  "write_cache",
                                  "nomerges",
                                  "max_segments",
                                  "io_poll",
                                  "nr_zones",
                                  "zoned",
                                  "stable_writes",
                                  "add_random",
                                  "iostats",
                                  "dax"};

void some_limit(Bench& bench, const std::string& name) {
  // The first ones depend on the tables below, the others hardly.
  const std::size_t count = bench.random.chance(80) ? 8 : std::size(limits);
  bench.say("sysfs {} {}", name, limits[bench.random.below(count)]);
}

Device layers_on(Bench& bench, Device device, std::string_view prefix, std::uint64_t sectors_min) {
  const std::uint64_t layers = bench.random.weighted({3, 4, 2});
  for (std::uint64_t i = 0; i < layers; i++)
    device = add_layer(bench, fmt::format("{}{}", prefix, i), device, sectors_min).device;
  return device;
}

// A destination of several disks, one after the other or in turns.
Device joined(Bench& bench, const std::string& name, std::uint64_t sectors_min) {
  Random& random = bench.random;
  Device out{.name = name, .sectors = 0, .unit = 8, .alignment = 1, .mapped = true};
  if (random.chance(50)) {
    const std::uint64_t chunk = random.pick({8ul, 16ul, 32ul, 128ul});
    const std::uint64_t stripes = random.between(2, 3);
    const std::uint64_t each = (sectors_min / stripes / chunk + 1) * chunk;
    std::string text = fmt::format("striped {} {}", stripes, chunk);
    for (std::uint64_t i = 0; i < stripes; i++) text += fmt::format(" {} 0", bench.disk(each).path());
    out.sectors = each * stripes;
    out.unit = chunk;
    bench.create(name, table(out.sectors, text));
  } else {
    const std::uint64_t first = std::max<std::uint64_t>(sectors_min / 3 / 8 * 8, 8);
    const std::uint64_t second = sectors_min + 16 - std::min(sectors_min, first);
    const Device one = bench.disk(first);
    const Device two = bench.disk(second);
    out.sectors = first + second;
    bench.create(name, fmt::format("0 {} linear {} 0\n{} {} linear {} 0", first, one.path(), first, second,
                                   two.path()));
  }
  return out;
}

}  // namespace

void stacks(Bench& bench) {
  Random& random = bench.random;
  CloneShape shape;
  shape.sectors_max = 4000;
  Clone clone = make_clone(bench, "c", shape);
  if (random.chance(50)) clone.source = layers_on(bench, clone.source, "s", clone.device.sectors);
  if (random.chance(50))
    clone.destination = layers_on(bench, clone.destination, "d", clone.device.sectors);
  else if (random.chance(50))
    clone.destination = joined(bench, "j", clone.device.sectors);
  if (random.chance(25)) clone.metadata = add_layer(bench, "m", clone.metadata, 2048).device;
  create(bench, clone);
  Device top = clone.device;
  if (random.chance(60)) top = layers_on(bench, clone.device, "t", clone.device.sectors / 2);
  bench.say("dmsetup ls --tree");
  bench.say("dmsetup table");
  for (int i = 0; i < 3; i++) some_limit(bench, random.pick({top.name, std::string("c")}));
  const std::uint64_t steps = random.between(5, 20);
  for (std::uint64_t i = 0; i < steps; i++) {
    const std::size_t what = random.weighted({6, 2, 3});
    if (what == 0)
      some_io(bench, top);
    else if (what == 1)
      some_io(bench, clone.device);
    else
      bench.say("read {} 0 {}", top.name, std::min<std::uint64_t>(top.sectors, 500));
  }
  bench.say("dmsetup status c");
  if (random.chance(40)) hydrate_all(bench, clone);
  bench.say("sha256 {}", top.name);
  whole_content(bench, clone);
}

void queue_limits(Bench& bench) {
  Random& random = bench.random;
  std::vector<Device> devices;
  const std::uint64_t disks = random.between(2, 4);
  for (std::uint64_t i = 0; i < disks; i++) {
    const DiskKind kind{.alignment = random.pick({1ul, 1ul, 1ul, 2ul, 4ul, 8ul}),
                        .discard = random.chance(75),
                        .discard_max = random.pick({0ul, 0ul, 0ul, 8ul, 64ul, 4096ul}),
                        .read_only = false};
    devices.push_back(bench.disk(random.pick({2048ul, 4096ul, 8192ul}), kind));
    for (int n = 0; n < 2; n++) some_limit(bench, devices.back().name);
  }
  const std::uint64_t layers = random.between(2, 5);
  for (std::uint64_t i = 0; i < layers; i++) {
    const Device& below = random.pick(devices);
    const Device& other = random.pick(devices);
    const std::string name = fmt::format("v{}", i);
    const std::uint64_t sectors =
        std::max<std::uint64_t>(std::min(below.sectors, other.sectors) / 16 * 8, 64);
    Device device{.name = name,
                  .sectors = sectors,
                  .unit = 8,
                  .alignment = std::max(below.alignment, other.alignment),
                  .mapped = true};
    std::string text;
    random.choose({
        {3,
         [&] {
           text = table(sectors, fmt::format("linear {} {}", below.path(), random.pick({0, 8, 1, 4, 63})));
         }},
        {3,
         [&] {
           const std::uint64_t half = sectors / 2;
           text = fmt::format("0 {} linear {} {}\n", half, below.path(), random.pick({0, 8, 2}));
           text += fmt::format("{0} {0} linear {1} {2}", half, other.path(), random.pick({0, 8, 5}));
         }},
        {4,
         [&] {
           const std::uint64_t chunk = random.pick({8ul, 16ul, 64ul});
           device.sectors = sectors / chunk * chunk * 2 / 2;
           text = table(sectors / (2 * chunk) * 2 * chunk,
                        fmt::format("striped 2 {} {} 0 {} 0", chunk, below.path(), other.path()));
         }},
        {1,
         [&] {
           text = table(sectors, random.pick({"zero", "error"}));
         }},
    });
    bench.create(name, text);
    for (int n = 0; n < 4; n++) some_limit(bench, name);
    devices.push_back(device);
  }
  const Device& destination = random.pick(devices);
  const Device& source = random.pick(devices);
  const Device metadata = bench.disk(8192);
  const std::uint64_t sectors = std::min(destination.sectors, source.sectors);
  const std::uint64_t region = random.pick({8ul, 16ul, 64ul, 1024ul});
  bench.create(
      "c", table(sectors,
                 fmt::format("clone {} {} {} {} {}", metadata.path(), destination.path(), source.path(),
                             region, random.pick({"1 no_hydration", "2 no_hydration no_discard_passdown"}))));
  for (int n = 0; n < 8; n++) some_limit(bench, "c");
  bench.say("dmsetup status c");
  bench.create("top", table(sectors, fmt::format("linear /dev/mapper/c {}", random.pick({0, 8, 4}))));
  for (int n = 0; n < 4; n++) some_limit(bench, "top");
  bench.say("dmsetup remove top");
  bench.say("dmsetup remove c");
}

void several_clones(Bench& bench) {
  Random& random = bench.random;
  CloneShape shape;
  shape.sectors_max = 2400;
  shape.region_max = 128;
  Clone first = make_clone(bench, "a", shape);
  create(bench, first);
  Clone second = first;
  second.device.name = "b";
  second.metadata = bench.disk(8192);
  second.region = second.device.unit = random.pick({8ul, 16ul, 32ul, 64ul});
  const std::size_t kind = random.below(3);
  if (kind == 0) {  // two clones of one source
    second.destination = bench.disk(first.device.sectors);
  } else if (kind == 1) {  // a clone of a clone
    second.source = first.device;
    second.destination = bench.disk(first.device.sectors);
  } else {  // a clone as a destination
    second.destination = first.device;
  }
  second.threshold.reset();
  create(bench, second);
  bench.say("dmsetup ls --tree");
  const std::uint64_t steps = random.between(6, 18);
  for (std::uint64_t i = 0; i < steps; i++) {
    const Clone& clone = random.chance(50) ? first : second;
    if (random.chance(70))
      some_io(bench, clone.device);
    else
      bench.say("read {} 0 {}", clone.device.name, std::min<std::uint64_t>(clone.device.sectors, 400));
  }
  bench.say("flush b");
  bench.say("flush a");
  bench.say("dmsetup status");
  if (random.chance(50)) hydrate_all(bench, second);
  if (random.chance(50)) hydrate_all(bench, first);
  whole_content(bench, first);
  whole_content(bench, second);
  bench.say("dmsetup status");
}

}  // namespace sim::generate
