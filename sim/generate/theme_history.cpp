// SPDX-License-Identifier: GPL-2.0-or-later
// Histories of a clone's metadata: many changes, commits, reopenings and aborts, and its disk's bytes in
// between. The second half of a scenario begins with a line of its own, `second_half`: up to there
// and from there on, the metadata disk can be in different hands (a kernel's, the simulator's), since nothing
// after it depends on what the other disks hold.
#include <algorithm>
#include <vector>

#include "sim/generate/clone.h"
#include "sim/generate/themes.h"

namespace sim::generate {
namespace {

constexpr std::string_view second_half = "the second half";
constexpr std::uint64_t bits_in_array_block = 32576;  // 509 words of 64 bits

class History {
 public:
  explicit History(Bench& bench) : bench_(bench), random_(bench.random) {
    choose_size();
    const std::uint64_t needed = (regions_ / bits_in_array_block + 12) * 16;
    metadata_ = bench_.disk(std::max<std::uint64_t>(needed, 2048) + random_.below(3) * 4096);
    clone_.device = {.name = "c", .sectors = sectors_, .unit = clone_.region, .alignment = 1, .mapped = true};
    clone_.metadata = metadata_;
    clone_.destination = bench_.disk(sectors_);
    clone_.source = bench_.disk(sectors_);
    clone_.passdown = random_.chance(50);
    if (random_.chance(40)) {
      clone_.metadata.name = "m";
      clone_.metadata.mapped = true;
    }
  }

  void write() {
    open();
    steps(random_.between(3, 14));
    close();
    bench_.comment(second_half);
    if (random_.chance(30)) clone_.passdown = !clone_.passdown;
    open();
    bench_.say("dmsetup status c");
    steps(random_.between(2, 10));
    close();
  }

 private:
  void choose_size() {
    clone_.region = std::uint64_t{8} << random_.below(3);
    random_.choose({
        {30, [&] { regions_ = random_.between(1, 300); }},
        {30, [&] { regions_ = random_.between(300, 5000); }},
        // about the borders of array blocks
        {25,
         [&] {
           const std::uint64_t blocks = random_.between(1, 6);
           regions_ = bits_in_array_block * blocks + random_.below(130) - 65;
         }},
        {10, [&] { regions_ = random_.between(200'000, 3'000'000); }},
        {2,
         [&] {
           regions_ = (std::uint64_t{1} << 26U) - random_.below(2);
           clone_.region = 8;
         }},
    });
    sectors_ = regions_ * clone_.region;
    if (random_.chance(30)) sectors_ -= random_.below(clone_.region);
  }

  [[nodiscard]] bool large() const { return regions_ > 500'000; }

  void below_is(std::string_view target) { bench_.swap_table("m", table(metadata_.sectors, target), true); }
  [[nodiscard]] std::string good() const { return fmt::format("linear {} 0", metadata_.path()); }

  void open() {
    if (clone_.metadata.mapped) bench_.create("m", table(metadata_.sectors, good()));
    create(bench_, clone_);
  }

  void close() {
    bench_.say("dmsetup remove c");
    if (clone_.metadata.mapped) bench_.say("dmsetup remove m");
    bench_.say("sha256 {}", metadata_.name);
  }

  void look(unsigned percent) {
    if (random_.chance(large() ? percent / 4 : percent)) bench_.say("sha256 {}", metadata_.name);
  }

  void steps(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; i++) {
      random_.choose({
          {8,
           [&] {
             change();
             bench_.say("flush c");
             look(60);
           }},
          // several changes in one commit
          {4,
           [&] {
             for (std::uint64_t n = random_.between(2, 6); n > 0; n--) change();
             bench_.say("flush c");
             look(60);
           }},
          // many small commits
          {3,
           [&] {
             for (std::uint64_t n = random_.between(3, 9); n > 0; n--) {
               const std::uint64_t sector = a_sector();
               bench_.say("write c {} 1 {} fua", sector, bench_.pattern());
             }
             look(60);
           }},
          {2,
           [&] {
             change();
             bench_.say("dmsetup suspend c");
             look(60);
             bench_.say("dmsetup resume c");
           }},
          {2,
           [&] {
             if (random_.chance(60)) change();
             reopen(bench_, clone_);
             look(50);
             bench_.say("dmsetup status c");
           }},
          {2,
           [&] {
             bench_.say("flush c");
             bench_.swap_table("c", clone_.table());
             look(50);
           }},
          {2, [&] { abort(); }},
      });
    }
  }

  std::uint64_t a_sector() {
    // Anywhere, or near a border of the bitmap's words and blocks.
    if (random_.chance(50)) return random_.below(sectors_);
    const std::uint64_t step = random_.pick({32ul, 64ul, bits_in_array_block});
    const std::uint64_t border = random_.below(regions_ / step + 1) * step;
    const std::uint64_t region = border + random_.below(4);
    return std::min(region - std::min<std::uint64_t>(region, 2), regions_ - 1) * clone_.region;
  }

  void change() {
    const std::uint64_t sector = a_sector();
    if (random_.chance(55)) {
      const std::uint64_t count = std::min(random_.between(1, 3 * clone_.region), sectors_ - sector);
      bench_.say("write c {} {} {}", sector, count, bench_.pattern());
      return;
    }
    // Some regions, or a large part of all.
    const std::uint64_t regions = random_.chance(80) ? random_.between(1, 200) : random_.between(1, regions_);
    const std::uint64_t begin = sector / clone_.region * clone_.region;
    bench_.say("discard c {} {}", begin, std::min(regions * clone_.region, sectors_ - begin));
  }

  // A commit that fails, and what follows.
  void abort() {
    if (!clone_.metadata.mapped) return;
    bench_.say("flush c");
    below_is(random_.pick({std::string("error"),
                           fmt::format("flakey {} 0 0 3600 1 error_writes", metadata_.path()),
                           fmt::format("flakey {} 0 0 3600 1 drop_writes", metadata_.path())}));
    change();
    bench_.say("flush c");
    bench_.say("dmsetup status c");
    below_is(good());
    if (random_.chance(50))
      reopen(bench_, clone_);
    else
      bench_.swap_table("c", clone_.table());
    bench_.say("dmsetup status c");
    look(60);
  }

  Bench& bench_;
  Random& random_;
  Device metadata_;
  Clone clone_;
  std::uint64_t regions_ = 1;
  std::uint64_t sectors_ = 8;
};

}  // namespace

void history(Bench& bench) {
  History(bench).write();
}

}  // namespace sim::generate
