// SPDX-License-Identifier: GPL-2.0-or-later
// Themes about words: tables and messages, right and wrong.
#include <algorithm>
#include <cctype>
#include <vector>

#include "sim/generate/clone.h"
#include "sim/generate/table_words.h"
#include "sim/generate/themes.h"

namespace sim::generate {
namespace {

std::string odd_device(Random& random) {
  return random.pick({"/dev/nope", "/dev/loop15", "7:0", "7:1", "7:99", "253:0", "253:7", "loop0",
                      "/dev/null", "/dev", "/dev/mapper/nope", "0:0", "7:", ":", "700", "7:0:0",
                      "/dev/loop0/", "//dev//loop1"});
}

std::string other_case(Random& random, std::string word) {
  for (char& c : word) {
    if (random.chance(40)) c = static_cast<char>(random.chance(50) ? std::toupper(c) : std::tolower(c));
  }
  return word;
}

bool is_number(const std::string& word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// One thing wrong, or at least unusual.
void spoil(Random& random, Words& words) {
  if (words.empty()) return;
  const std::size_t at = random.below(words.size());
  const auto here = words.begin() + static_cast<std::ptrdiff_t>(at);
  random.choose({
      {3, [&] { words.erase(here); }},
      {2,
       [&] {
         words.insert(here, random.pick({std::string("extra"), odd_number(random), *here}));
       }},
      {2, [&] { std::swap(*here, words[random.below(words.size())]); }},
      {6,
       [&] {
         if (here->starts_with("/dev/"))
           *here = odd_device(random);
         else if (is_number(*here))
           *here = odd_number(random);
         else
           *here = other_case(random, *here);
       }},
      {2,
       [&] {
         words.push_back(random.pick({std::string("trailing"), odd_number(random)}));
       }},
      {2, [&] { words.resize(at); }},
  });
}

// Tries a table: in a new device, or as another table of one that is there.
void try_table(Bench& bench, const std::string& name, const std::string& text) {
  Random& random = bench.random;
  bench.create(name, text);
  if (random.chance(60)) bench.say("dmsetup table {}", name);
  if (random.chance(60)) bench.say("dmsetup status {}", name);
  bench.say("dmsetup remove {}", name);
}

}  // namespace

void clone_tables(Bench& bench) {
  Random& random = bench.random;
  const Device metadata = bench.disk(8192);
  const Device destination = bench.disk(random.pick({2048ul, 1024ul, 4000ul}));
  const Device source = bench.disk(random.pick({2048ul, 1024ul, 4000ul}));
  const std::uint64_t tries = random.between(5, 14);
  for (std::uint64_t i = 0; i < tries; i++) {
    Words words = clone_words(random, metadata, destination, source);
    const std::uint64_t wrongs = random.weighted({1, 6, 3, 1});
    for (std::uint64_t wrong = 0; wrong < wrongs; wrong++) spoil(random, words);
    std::string length = random.pick({"1024", "1024", "1000", "2048", "2000", "4096", "1", "8"});
    if (random.chance(5)) length = odd_number(random);
    const std::string text = fmt::format("0 {} clone {}", length, join(words));
    if (surely_quiet(words)) {
      try_table(bench, "c", text);
    } else {
      bench.create("c", text);
      bench.say("dmsetup remove c");
      for (const Device& disk : {metadata, destination, source}) bench.say("write {} 0 8 zero", disk.name);
    }
    // What was formatted by one table is in the way of the next.
    if (random.chance(50)) bench.say("write {} 0 8 zero", metadata.name);
  }
}

void companion_tables(Bench& bench) {
  Random& random = bench.random;
  const Device one = bench.disk(random.pick({2048ul, 1000ul}));
  const std::uint64_t two_sectors = random.pick({2048ul, 4096ul});
  const Device two = bench.disk(two_sectors, {.alignment = random.pick({1ul, 1ul, 1ul, 8ul})});
  const std::uint64_t tries = random.between(6, 16);
  for (std::uint64_t i = 0; i < tries; i++) {
    std::string target = random.pick({"linear", "striped", "flakey", "delay", "dust", "zero", "error"});
    Words words = companion_words(random, target, one, two);
    const std::uint64_t wrongs = random.weighted({3, 4, 2});
    for (std::uint64_t wrong = 0; wrong < wrongs; wrong++) spoil(random, words);
    if (random.chance(5)) target = other_case(random, target);
    const std::string length = random.pick({"512", "512", "1024", "1000", "16", "4096", "513"});
    const std::string text = fmt::format("0 {} {} {}", length, target, join(words));
    bench.create("t", text);
    if (random.chance(60)) bench.say("dmsetup table t");
    if (random.chance(50)) bench.say("dmsetup status t");
    // A delay of weeks is taken, but who does I/O then waits for weeks.
    const bool for_weeks =
        target == "delay" && std::any_of(words.begin(), words.end(), [](const std::string& word) {
          return is_number(word) && word.size() > 4;
        });
    if (random.chance(30) && !for_weeks) bench.say("read t {} 16", random.below(500));
    if (random.chance(30) && !for_weeks) {
      const std::uint64_t sector = random.below(500);
      bench.say("write t {} 8 {}", sector, bench.pattern());
    }
    if (random.chance(20)) bench.say("dmsetup deps t");
    bench.say("dmsetup remove t");
  }
}

void messages(Bench& bench) {
  Random& random = bench.random;
  CloneShape shape;
  shape.sectors_max = 1500;
  const Clone clone = make_clone(bench, "c", shape);
  create(bench, clone);
  const Device disk = bench.disk(1024);
  bench.stamp(disk, 'A');
  bench.create("u", table(1024, fmt::format("dust {} 0 {}", disk.path(), random.pick({512, 4096}))));
  const std::uint64_t tries = random.between(8, 24);
  for (std::uint64_t i = 0; i < tries; i++) {
    Words words;
    std::string name = "c";
    std::string sector = "0";
    if (random.chance(50)) {
      words = random.pick<Words>({{"hydration_threshold", "5"},
                                  {"hydration_batch_size", "9"},
                                  {"disable_hydration"},
                                  {"hydration_threshold", odd_number(random)},
                                  {"hydration_batch_size", odd_number(random)},
                                  {"no_such_message"},
                                  {"no_such_message", "1"},
                                  {"hydration_threshold"}});
    } else {
      name = "u";
      // Few blocks, so that one is met again.
      const std::string block = std::to_string(random.chance(70) ? random.below(6) : random.below(140));
      words = random.pick<Words>({{"addbadblock", block},
                                  {"addbadblock", block, random.pick({"0", "1", "3", "255"})},
                                  {"removebadblock", block},
                                  {"queryblock", block},
                                  {"countbadblocks"},
                                  {"listbadblocks"},
                                  {"clearbadblocks"},
                                  {"enable"},
                                  {"disable"},
                                  {"quiet"}});
    }
    if (random.chance(25)) spoil(random, words);
    if (random.chance(5)) sector = random.pick({"5", "100000", "-1", "x"});
    if (random.chance(3)) name = "nope";
    bench.say("dmsetup message {} {} {}", name, sector, join(words));
    if (random.chance(30)) bench.say("dmsetup status {}", name);
    if (random.chance(20)) {
      const std::uint64_t begin = random.below(1000);
      bench.say("read u {} {}", begin, random.between(1, 24));
    }
    if (random.chance(20)) {
      const std::uint64_t begin = random.chance(60) ? random.below(40) : random.below(1000);
      const std::uint64_t count = random.between(1, 24);
      bench.say("write u {} {} {}", begin, count, bench.pattern());
    }
  }
}

void numbers_of_tables(Bench& bench) {
  Random& random = bench.random;
  const Device disk = bench.disk(2048);
  bench.stamp(disk, 'A');
  const std::uint64_t tries = random.between(4, 10);
  for (std::uint64_t i = 0; i < tries; i++) {
    std::string text;
    std::uint64_t begin = 0;
    const std::uint64_t lines = random.between(1, 5);
    for (std::uint64_t line = 0; line < lines; line++) {
      const std::uint64_t step = random.pick({1ul, 8ul});
      const std::uint64_t length = random.between(1, 40) * step;
      std::string start = std::to_string(begin);
      if (random.chance(8)) start = random.chance(50) ? odd_number(random) : std::to_string(begin + 1);
      std::string size = std::to_string(length);
      if (random.chance(6)) size = odd_number(random);
      const std::string target =
          random.pick({fmt::format("linear {} {}", disk.path(), random.below(2000)), std::string("zero"),
                       std::string("error"), fmt::format("striped 1 8 {} 0", disk.path())});
      if (line > 0) text += random.chance(10) ? "\n\n" : "\n";
      text += fmt::format("{} {} {}", start, size, target);
      if (random.chance(4)) text += " more";
      begin += length;
    }
    if (random.chance(5))
      text = random.pick({"", " ", "0", "0 8", "zero", "# nothing", "0 8 zero\n#\n8 8 zero"});
    bench.create("t", text);
    bench.say("dmsetup table t");
    const Device device{
        .name = "t", .sectors = std::max<std::uint64_t>(begin, 1), .unit = 8, .alignment = 1, .mapped = true};
    for (int io = 0; io < 3; io++) {
      const Span at = bench.span(device, 200);
      if (random.chance(50)) bench.say("read t {} {}", at.sector, at.count);
      if (random.chance(30)) bench.say("write t {} {} {}", at.sector, at.count, bench.pattern());
      if (random.chance(10)) bench.say("discard t {} {}", at.sector, at.count);
    }
    bench.say("dmsetup remove t");
  }
}

}  // namespace sim::generate
