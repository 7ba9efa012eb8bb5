// SPDX-License-Identifier: GPL-2.0-or-later
// A bit of everything, one after the other, over one clone.
#include <algorithm>

#include "sim/generate/clone.h"
#include "sim/generate/themes.h"

namespace sim::generate {
namespace {

class Soup {
 public:
  explicit Soup(Bench& bench) : bench_(bench), random_(bench.random), clone_(make_clone(bench, "c")) {
    create(bench_, clone_);
  }

  void step() {
    random_.choose({
        {12, [&] { some_io(bench_, clone_.device); }},
        {6, [&] { some_question(bench_, clone_); }},
        {3,
         [&] {
           bench_.say("dmsetup suspend {}c", random_.pick({"", "--noflush ", "--nolockfs "}));
           if (random_.chance(30)) bench_.say("dmsetup status c");
           if (random_.chance(20))
             bench_.say("dmsetup message c 0 hydration_batch_size {}", random_.below(20));
           bench_.say("dmsetup resume c");
         }},
        {2, [&] { reopen(bench_, clone_); }},
        {2,
         [&] {
           bench_.say("flush c");
           bench_.swap_table("c", clone_.table());
         }},
        {2, [&] { layer_for_a_while(); }},
        {1, [&] { hydrate_all(bench_, clone_); }},
        {2, [&] { refused(); }},
        {1,
         [&] {
           const std::string name = clone_.device.name == "c" ? "other" : "c";
           bench_.say("dmsetup rename c {}", name);
           bench_.say("dmsetup rename {} c", name);
         }},
        {1,
         [&] {
           const std::uint64_t sector = random_.below(clone_.source.sectors / 2);
           bench_.say("write {} {} 8 {}", clone_.source.name, sector, bench_.pattern());
         }},
        {1,
         [&] {
           const std::string setting = random_.pick({"hydration_threshold", "hydration_batch_size"});
           bench_.say("dmsetup message c 0 {} {}", setting, random_.pick({1, 3, 50}));
         }},
    });
  }

  void finish() { whole_content(bench_, clone_); }

 private:
  void layer_for_a_while() {
    const std::uint64_t offset = random_.below(clone_.device.sectors);
    const std::uint64_t sectors = random_.between(1, clone_.device.sectors - offset);
    const Device above{.name = "l", .sectors = sectors, .unit = 8, .alignment = 1, .mapped = true};
    bench_.create("l", table(sectors, fmt::format("linear /dev/mapper/c {}", offset)));
    const std::uint64_t steps = random_.between(1, 3);
    for (std::uint64_t i = 0; i < steps; i++) some_io(bench_, above);
    if (random_.chance(30)) bench_.say("dmsetup remove c");
    bench_.say("dmsetup remove l");
  }

  void refused() {
    random_.choose({
        {1, [&] { create(bench_, clone_); }},
        {1,
         [&] {
           bench_.say("dmsetup message c 0 {}",
                      random_.pick({"enable", "hydration_threshold -1", "hydration_batch_size"}));
         }},
        {1,
         [&] {
           bench_.say("dmsetup load c --table '0 {} clone {} {} {} 7'", clone_.device.sectors,
                      clone_.metadata.path(), clone_.destination.path(), clone_.source.path());
         }},
        {1, [&] { bench_.say("dmsetup rename c c"); }},
        {1,
         [&] {
           bench_.say("dmsetup {} nope", random_.pick({"remove", "suspend", "resume", "status", "clear"}));
         }},
    });
  }

  Bench& bench_;
  Random& random_;
  Clone clone_;
};

}  // namespace

void soup(Bench& bench) {
  Soup soup(bench);
  const std::uint64_t steps = bench.random.between(8, 24);
  for (std::uint64_t i = 0; i < steps && bench.commands() < 58; i++) soup.step();
  soup.finish();
}

}  // namespace sim::generate
