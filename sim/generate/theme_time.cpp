// SPDX-License-Identifier: GPL-2.0-or-later
// Themes about time: the clone's one-second clock, intervals and delays of companions, events. State is
// queried at least 0.3 s away from any moment at which it changes.
#include <algorithm>

#include "sim/generate/clone.h"
#include "sim/generate/themes.h"

namespace sim::generate {
namespace {

// Seconds and tenths.
std::string seconds(std::uint64_t tenths) {
  return fmt::format("{}.{}", tenths / 10, tenths % 10);
}

void change(Bench& bench, const Clone& clone) {
  Random& random = bench.random;
  const Span at = bench.inner_span(clone.device, 3 * clone.region);
  random.choose({
      {3, [&] { bench.say("write c {} {} {}", at.sector, at.count, bench.pattern()); }},
      {2,
       [&] {
         bench.say("discard c {} {}", at.sector / clone.region * clone.region,
                   clone.region * random.between(1, 6));
       }},
      {1, [&] { bench.say("read c {} {}", at.sector, at.count); }},
  });
}

}  // namespace

// A change is committed at the second tick after it at the latest, and not before the first one.
void commit_clock(Bench& bench) {
  Random& random = bench.random;
  CloneShape shape;
  shape.sectors_max = 3000;
  shape.region_max = 64;
  const Clone clone = make_clone(bench, "c", shape);
  create(bench, clone);
  const auto count_all = [&] {
    bench.say("iostat {}", clone.metadata.name);
    bench.say("iostat {}", clone.destination.name);
  };
  count_all();
  bench.say("sleep 0.4");
  const std::uint64_t steps = random.between(3, 8);
  for (std::uint64_t i = 0; i < steps; i++) {
    change(bench, clone);
    if (random.chance(40)) change(bench, clone);
    random.choose({
        {5,
         [&] {
           if (random.chance(60)) count_all();
           bench.say("sleep {}", random.between(2, 4));
         }},
        {2,
         [&] {
           bench.say("flush c");
           if (random.chance(50)) bench.say("sleep {}", random.between(2, 4));
         }},
        // the clock stops during a suspend, and restarts at the resume
        {2,
         [&] {
           bench.say("dmsetup suspend {}c", random.pick({"", "--noflush "}));
           count_all();
           bench.say("sleep {}", seconds(random.between(1, 35)));
           count_all();
           bench.say("dmsetup resume c");
           bench.say("sleep 0.4");
         }},
        {1,
         [&] {
           reopen(bench, clone);
           bench.say("sleep 0.4");
         }},
        // a table of another clone target over the same metadata
        {1,
         [&] {
           bench.say("flush c");
           bench.swap_table("c", clone.table());
           bench.say("sleep 0.4");
         }},
    });
    count_all();
    if (random.chance(30)) bench.say("dmsetup status c");
  }
  bench.say("sha256 {}", clone.metadata.name);
}

// Flakey devices go up and down by the clock, from the moment of their table's construction.
void intervals(Bench& bench) {
  Random& random = bench.random;
  const Device disk = bench.disk(2048);
  bench.stamp(disk, 'S');
  const std::uint64_t up = random.between(0, 3);
  const std::uint64_t down = up == 0 ? random.between(1, 2) : random.between(0, 3);
  const std::string feature =
      random.pick({"", "", " 1 drop_writes", " 1 error_writes", " 0", " 5 corrupt_bio_byte 1 w 65 0",
                   " 5 corrupt_bio_byte 300 r 66 0", " 6 drop_writes corrupt_bio_byte 9 r 67 0",
                   " 5 corrupt_bio_byte 5 r 68 32", " 5 corrupt_bio_byte 512 r 0 0"});
  bench.create("f", table(1024, fmt::format("flakey {} {} {} {}{}", disk.path(), random.pick({0, 8, 1000}),
                                            up, down, feature)));
  const bool cloned = random.chance(40);
  const Device metadata = bench.disk(8192);
  const Device other = bench.disk(1024);
  if (cloned) {
    const bool as_source = random.chance(50);
    bench.create("c", table(1024, fmt::format("clone {} {} {} 8 1 no_hydration", metadata.path(),
                                              as_source ? other.path() : "/dev/mapper/f",
                                              as_source ? "/dev/mapper/f" : other.path())));
  }
  bench.say("sleep 0.5");
  const Device device{.name = cloned ? "c" : "f", .sectors = 1024, .unit = 8, .alignment = 1, .mapped = true};
  const std::uint64_t steps = random.between(4, 12);
  for (std::uint64_t i = 0; i < steps; i++) {
    some_io(bench, device);
    if (random.chance(30)) bench.say("read {} 0 32", device.name);
    // A flush makes sure that a clone's clock has nothing left to commit.
    if (cloned) bench.say("flush c");
    if (random.chance(60)) bench.say("sleep {}", random.between(1, 3));
    if (random.chance(20)) bench.say("dmsetup status {}", device.name);
  }
  bench.say("dmsetup table f");
  bench.say("read {} 0 {}", disk.name, disk.sectors);
}

// Delayed I/O in the background, and how much of it waits.
void delays(Bench& bench) {
  Random& random = bench.random;
  const Device one = bench.disk(1024);
  const Device two = bench.disk(1024);
  bench.stamp(one, 'A');
  bench.stamp(two, 'B');
  const auto delay = [&] { return random.pick({0, 0, 500, 800, 1500}); };
  const std::uint64_t offset = random.below(5) * 8;
  std::string text = fmt::format("delay {} {} {}", one.path(), offset, delay());
  const std::uint64_t classes = random.below(3);
  if (classes >= 1) text += fmt::format(" {} 0 {}", two.path(), delay());
  if (classes == 2) {
    const std::string path = random.pick({one.path(), two.path()});
    text += fmt::format(" {} 8 {}", path, delay());
  }
  bench.create("d", table(512, text));
  const std::uint64_t rounds = random.between(1, 4);
  for (std::uint64_t round = 0; round < rounds; round++) {
    // Each in a part of its own.
    const std::uint64_t jobs = random.between(1, 4);
    for (std::uint64_t job = 0; job < jobs; job++) {
      const std::uint64_t sector = 128 * job + random.below(60);
      const std::uint64_t count = random.between(1, 60);
      random.choose({
          {4,
           [&] {
             const std::string pattern = bench.pattern();
             bench.say("write d {} {} {}{} &", sector, count, pattern, random.chance(20) ? " fua" : "");
           }},
          {4, [&] { bench.say("read d {} {} &", sector, count); }},
          {1, [&] { bench.say("discard d {} {} &", sector, count); }},
          {1, [&] { bench.say("flush d &"); }},
      });
    }
    if (random.chance(30)) bench.say("dmsetup info -c --noheadings -o name,attr,open d");
    if (random.chance(25)) {  // a suspend sends all on its way
      bench.say("dmsetup suspend d");
      bench.say("dmsetup status d");
      bench.say("dmsetup resume d");
    }
    bench.say("wait");
    bench.say("dmsetup status d");
    bench.say("iostat {}", one.name);
    bench.say("iostat {}", two.name);
  }
  bench.say("dmsetup table d");
  bench.say("read {} 0 600", one.name);
  bench.say("read {} 0 600", two.name);
}

// Who waits for events, and what ends the waiting.
void events(Bench& bench) {
  Random& random = bench.random;
  CloneShape shape;
  shape.sectors_max = 1500;
  Clone clone = make_clone(bench, "c", shape);
  create(bench, clone);
  const std::string options = random.pick({"", "--noflush ", "-v "});
  std::uint64_t next = 0;
  const std::uint64_t steps = random.between(2, 6);
  for (std::uint64_t i = 0; i < steps; i++) {
    random.choose({
        // an event number that is past, or is yet to come and does
        {3,
         [&] {
           bench.say("dmsetup wait {}c {} &", options, next);
           bench.say("dmsetup rename c {}", next % 2 == 0 ? "c2" : "c3");
           bench.say("wait");
           bench.say("dmsetup rename {} c", next % 2 == 0 ? "c2" : "c3");
           next += 2;
         }},
        {2,
         [&] {
           bench.say("dmsetup wait {}c &", options);
           bench.say("dmsetup rename c --setuuid U-{}", i);
           bench.say("wait");
         }},
        {2,
         [&] {
           bench.say("dmsetup wait {}c &", options);
           hydrate_all(bench, clone);
           bench.say("dmsetup rename c c");
           bench.say("dmsetup rename c c9");
           bench.say("dmsetup rename c9 c");
           bench.say("wait");
         }},
        {2,
         [&] {
           bench.say("dmsetup wait c &");
           bench.say("dmsetup load c --table '{}'", clone.table());
           if (random.chance(50)) bench.say("dmsetup resume c");
           bench.say("dmsetup info -c --noheadings -o name,events c");
           bench.say("dmsetup rename c c5");
           bench.say("wait");
           bench.say("dmsetup rename c5 c");
         }},
    });
    bench.say("dmsetup info -c --noheadings -o name,events c");
  }
  bench.say("dmsetup wait c &");
  bench.say("dmsetup remove c");
  bench.say("wait");
}

}  // namespace sim::generate
