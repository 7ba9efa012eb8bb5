// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/generate/power_cut.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>
#include <vector>

#include "sim/generate/random.h"
#include "sim/generate/workload_text.h"

namespace sim::generate {

namespace {

// A clone of three disks, of which the source has stamps S, and the destination G where it is not empty.
class PowerCutBench : public WorkloadText {
 public:
  std::uint64_t regions = 4;
  std::uint64_t region = 8;  // sectors
  std::string metadata_options;
  std::string destination_options;
  std::string source_options;
  std::string table_options;
  bool garbage = true;
  bool source_fails = false;  // the source is below a dust target, whose bad blocks cannot be read

  void set_up() {
    say("disk loop0 4M{}", metadata_options);
    say("disk loop1 {}{}", sectors(), destination_options);
    say("disk loop2 {}{}", sectors(), source_options);
    say("write loop2 0 {} @S", sectors());
    say("flush loop2");
    if (garbage) {
      say("write loop1 0 {} @G", sectors());
      say("flush loop1");
    }
    if (source_fails) say("dmsetup create s --table \"0 {} dust /dev/loop2 0 512\"", sectors());
    create();
  }
  void create() {
    say("dmsetup create c --table \"0 {} clone /dev/loop0 /dev/loop1 /dev/{} {}{}\"", sectors(),
        source_fails ? "mapper/s" : "loop2", region, table_options);
  }
  void remove() { say("dmsetup remove c"); }
  void hydrate() {
    say("dmsetup message c 0 enable_hydration");
    say("until c \" {}/{} 0 \" 60s", regions, regions);
  }
  [[nodiscard]] std::uint64_t sectors() const { return regions * region; }
};

class RandomWorkload {
 public:
  explicit RandomWorkload(std::uint64_t seed) : random_(seed) {}

  std::string make(std::uint64_t operations) {
    bench_.regions = random_.between(2, 16);
    bench_.region = random_.pick({8UL, 8UL, 16UL});
    bench_.garbage = random_.chance(70);
    bench_.metadata_options = latency(20);
    bench_.destination_options = latency(30);
    if (random_.chance(15)) bench_.destination_options += " discard=off";
    if (random_.chance(15)) bench_.destination_options += " cache=writethrough";
    bench_.source_options = latency(40);
    hydrates_ = random_.chance(30);
    if (!hydrates_) bench_.table_options = " 1 no_hydration";
    if (random_.chance(15))
      bench_.table_options = hydrates_ ? " 1 no_discard_passdown" : " 2 no_hydration no_discard_passdown";
    bench_.source_fails = random_.chance(15);
    bench_.set_up();
    for (std::uint64_t i = 0; i < operations; ++i) operation();
    return bench_.text();
  }

 private:
  std::string latency(unsigned percent) {
    if (!random_.chance(percent)) return {};
    std::string options;
    for (const char* kind : {"read", "write", "flush"}) {
      if (random_.chance(60))
        options += fmt::format(" {}_latency={}", kind, random_.pick({"10ms", "150ms", "400ms"}));
    }
    return options;
  }
  std::string_view background() { return random_.chance(35) ? " &" : ""; }
  std::uint64_t region_start() { return random_.below(bench_.regions) * bench_.region; }

  void write() {
    std::string how = random_.chance(20) ? " fua" : "";
    how += background();
    if (random_.chance(35)) return bench_.write(region_start(), bench_.region, how);
    const Span at = span();
    bench_.write(at.sector, at.count, how);
  }
  struct Span {
    std::uint64_t sector;
    std::uint64_t count;
  };
  Span span() {
    const std::uint64_t region = region_start();
    const std::uint64_t sector = region + random_.below(bench_.region);
    const std::uint64_t most = std::min(bench_.sectors() - sector, 2 * bench_.region);
    return {sector, random_.between(1, most)};
  }
  void discard() {
    Span at{region_start(), bench_.region};
    if (random_.chance(50)) at = span();
    bench_.say("discard c {} {}{}", at.sector, at.count, background());
  }
  void reopen() {
    bench_.say("wait");
    if (bench_.table_options.find("no_hydration") == std::string::npos) repair_source();
    bench_.remove();
    bench_.create();
    hydrates_ = bench_.table_options.find("no_hydration") == std::string::npos;
  }
  void operation() {
    random_.choose({
        {40, [&] { write(); }},
        {10, [&] { discard(); }},
        {14, [&] { bench_.say("flush c{}", background()); }},
        {8, [&] { bench_.say("read c 0 {}{}", bench_.sectors(), background()); }},
        {5, [&] { reopen(); }},
        {4, [&] { suspend(); }},
        {5,
         [&] {
           bench_.say("sleep {}", random_.pick({"50ms", "300ms", "1100ms"}));
         }},
        {4, [&] { bench_.say("wait"); }},
        {4, [&] { toggle_hydration(); }},
        {3, [&] { bench_.say("dmsetup status c"); }},
        {3, [&] { hydrate(); }},
        {bench_.source_fails ? 5U : 0U, [&] { break_source(); }},
    });
  }
  void suspend() {
    bench_.say("dmsetup suspend c");
    bench_.say("dmsetup resume c");
  }
  // For writes, which need what is there. Background hydration would try again and again.
  void break_source() {
    if (hydrates_) toggle_hydration();
    bench_.say("dmsetup message s 0 addbadblock {}", random_.below(bench_.sectors()));
    bench_.say("dmsetup message s 0 enable");
    source_broken_ = true;
  }
  void repair_source() {
    if (source_broken_) bench_.say("dmsetup message s 0 disable");
    source_broken_ = false;
  }
  void toggle_hydration() {
    if (!hydrates_) repair_source();
    hydrates_ = !hydrates_;
    bench_.say("dmsetup message c 0 {}able_hydration", hydrates_ ? "en" : "dis");
  }
  void hydrate() {
    repair_source();
    hydrates_ = true;
    bench_.hydrate();
  }

  Random random_;
  PowerCutBench bench_;
  bool hydrates_ = false;
  bool source_broken_ = false;
};

enum class Operation : std::uint8_t {
  write_region,
  write_part,
  write_durable,
  discard_region,
  discard_part,
  flush,
  hydrate,
  reopen,
};
constexpr unsigned operations_with_region = 5;
constexpr unsigned operation_kinds = 8;

struct Step {
  Operation operation;
  std::uint64_t region;
};

std::string scenario_of(const std::vector<Step>& steps) {
  PowerCutBench bench;
  bench.table_options = " 1 no_hydration";
  bench.set_up();
  for (const auto& [operation, region] : steps) {
    const std::uint64_t first = region * bench.region;
    switch (operation) {
      case Operation::write_region:
        bench.write(first, bench.region);
        break;
      case Operation::write_part:
        bench.write(first + 2, 3);
        break;
      case Operation::write_durable:
        bench.write(first + 1, 4, " fua");
        break;
      case Operation::discard_region:
        bench.say("discard c {} {}", first, bench.region);
        break;
      case Operation::discard_part:
        bench.say("discard c {} {}", first + 1, bench.region - 2);
        break;
      case Operation::flush:
        bench.say("flush c");
        break;
      case Operation::hydrate:
        bench.hydrate();
        break;
      case Operation::reopen:
        bench.remove();
        bench.create();
        break;
    }
  }
  return bench.text();
}

// All continuations of `steps`, in which `regions` regions have occurred.
std::uint64_t every_continuation(std::vector<Step>& steps, unsigned left, std::uint64_t regions,
                                 const std::function<void(const std::string&)>& use) {
  std::uint64_t count = 1;
  if (use) use(scenario_of(steps));
  if (left == 0) return count;
  for (unsigned kind = 0; kind < operation_kinds; ++kind) {
    constexpr std::uint64_t all_regions = 4;
    const std::uint64_t choices = kind < operations_with_region ? std::min(regions + 1, all_regions) : 1;
    for (std::uint64_t region = 0; region < choices; ++region) {
      steps.push_back({static_cast<Operation>(kind), region});
      const std::uint64_t known = kind < operations_with_region ? std::max(regions, region + 1) : regions;
      count += every_continuation(steps, left - 1, known, use);
      steps.pop_back();
    }
  }
  return count;
}

}  // namespace

std::string random_power_cut_workload(std::uint64_t seed, std::uint64_t operations) {
  return RandomWorkload(seed).make(operations);
}

std::uint64_t every_power_cut_workload(unsigned operations,
                                       const std::function<void(const std::string& scenario)>& use) {
  std::vector<Step> steps;
  return every_continuation(steps, operations, 0, use);
}

}  // namespace sim::generate
