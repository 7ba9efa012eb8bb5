// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/generate/concurrent.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>
#include <vector>

#include "sim/generate/random.h"
#include "sim/generate/workload_text.h"

namespace sim::generate {

namespace {

// A clone of three disks, of which the source has stamps S, and the destination G.
class ConcurrentBench : public WorkloadText {
 public:
  std::uint64_t regions = 2;
  std::uint64_t region = 8;  // sectors
  std::string table_options = " 1 no_hydration";
  std::string source_fault = {};  // once the source has its stamps

  void set_up() {
    say("disk m 4M");
    say("disk d {}", sectors());
    say("disk s {}", sectors());
    say("write s 0 {} @S", sectors());
    say("write d 0 {} @G", sectors());
    say("dmsetup create c --table {}", table());
    if (!source_fault.empty()) say("fault s {}", source_fault);
  }
  // In the background, as all operations here are.
  void write(std::uint64_t sector, std::uint64_t count, std::string_view how = {}) {
    WorkloadText::write(sector, count, fmt::format("{} &", how));
  }
  // Programs of several commands.
  void suspend(std::string_view how = {}) {
    say("dmsetup suspend {}c &", how);
    say("then dmsetup resume c &");
  }
  void reload() {
    say("dmsetup suspend c &");
    say("then dmsetup load c --table {} &", table());
    say("then dmsetup resume c &");
  }
  void reopen() {
    say("dmsetup remove c &");
    say("then dmsetup create c --table {} &", table());
  }
  [[nodiscard]] std::string table() const {
    return fmt::format("\"0 {} clone /dev/m /dev/d /dev/s {}{}\"", sectors(), region, table_options);
  }
  [[nodiscard]] std::uint64_t sectors() const { return regions * region; }
};

// Groups of programs that run at once. In about half of them one suspends the clone, gives it another table,
// or takes it down and sets it up again, while the others use it.
class RandomConcurrent {
 public:
  explicit RandomConcurrent(std::uint64_t seed) : random_(seed) {}

  std::string make(std::uint64_t operations) {
    choose_bench();
    bench_.set_up();
    while (operations != 0) {
      const std::uint64_t at_once = std::min(operations, random_.between(2, 4));
      group(at_once);
      bench_.say("wait");
      operations -= at_once;
      if (operations != 0) between_groups();
    }
    return bench_.text();
  }

 private:
  void choose_bench() {
    bench_.regions = random_.between(2, 4);
    if (random_.chance(20)) bench_.region = 16;
    // A copy of more than kcopyd's sub-job size, 512 KiB, is split.
    if (random_.chance(4)) {
      bench_.regions = 2;
      bench_.region = 2048;
    }
    // What fails is hydrated again at once, for ever.
    may_hydrate_ = !random_.chance(6);
    if (!may_hydrate_) bench_.source_fault = fmt::format("read-error:{}", random_.below(bench_.sectors()));
    hydrates_ = may_hydrate_ && random_.chance(25);
    bench_.table_options = table_options();
  }
  std::string table_options() {
    std::vector<std::string> features;
    if (!hydrates_) features.emplace_back("no_hydration");
    if (random_.chance(15)) features.emplace_back("no_discard_passdown");
    std::string text = fmt::format(" {}", features.size());
    for (const std::string& feature : features) text += " " + feature;
    if (!random_.chance(40)) return text;
    const char* name = random_.chance(50) ? "hydration_batch_size" : "hydration_threshold";
    return text + fmt::format(" 2 {} {}", name, random_.between(1, 4));
  }
  std::uint64_t region_start() { return random_.below(bench_.regions) * bench_.region; }
  void write(std::string_view how) {
    if (random_.chance(35)) return bench_.write(region_start(), bench_.region, how);
    const std::uint64_t sector = random_.below(bench_.sectors());
    const std::uint64_t most = std::min(bench_.sectors() - sector, 2 * bench_.region);
    bench_.write(sector, random_.between(1, most), how);
  }
  void discard() {
    const std::uint64_t first = region_start();
    const std::uint64_t most = (bench_.sectors() - first) / bench_.region;
    bench_.say("discard c {} {} &", first, random_.between(1, most) * bench_.region);
  }
  void toggle_hydration() {
    hydrates_ = may_hydrate_ && !hydrates_;
    bench_.say("dmsetup message c 0 {}able_hydration &", hydrates_ ? "en" : "dis");
  }
  void operation() {
    random_.choose({
        {45, [&] { write(random_.chance(15) ? " fua" : ""); }},
        {12, [&] { discard(); }},
        {12, [&] { bench_.say("flush c &"); }},
        {20, [&] { bench_.say("read c 0 {} &", bench_.sectors()); }},
        {10, [&] { toggle_hydration(); }},
        {4, [&] { bench_.say("dmsetup status c &"); }},
        {3, [&] { bench_.say("dmsetup message c 0 hydration_threshold {} &", random_.between(1, 4)); }},
    });
  }
  void group(std::uint64_t size) {
    const bool controls = random_.chance(45);
    const std::uint64_t place = random_.below(size);
    const std::uint64_t second = controls && random_.chance(50) ? (place + 1) % size : size;
    for (std::uint64_t i = 0; i < size; ++i) {
      if (controls && i == place) {
        control_device();
      } else if (i == second) {
        meddle();
      } else {
        operation();
      }
    }
  }
  // Beside control_device().
  void meddle() {
    random_.choose({
        {50, [&] { bench_.say("dmsetup resume c &"); }},
        {40, [&] { bench_.say("dmsetup status c &"); }},
        {10, [&] { bench_.reopen(); }},
    });
  }
  void control_device() {
    random_.choose({
        {25, [&] { bench_.suspend(random_.chance(25) ? "--noflush " : ""); }},
        {35, [&] { bench_.reload(); }},
        {40, [&] { bench_.reopen(); }},
    });
  }
  void between_groups() {
    random_.choose({
        {60, [] {}},
        {20,
         [&] {
           bench_.say("dmsetup suspend c");
           bench_.say("dmsetup resume c");
         }},
        {10, [&] { bench_.say("flush c"); }},
        {10, [&] { bench_.say("sleep 1100ms"); }},
    });
  }

  Random random_;
  ConcurrentBench bench_;
  bool may_hydrate_ = true;  // in the background
  bool hydrates_ = false;
};

enum class AtOnce : std::uint8_t {
  write_part,
  write_region,
  read,
  discard,
  flush,
  write_durable,
  hydrate,
  message,
  suspend,
  reload,
  reopen,
};
constexpr unsigned at_once_kinds = 11;

std::string scenario_of(const std::vector<AtOnce>& operations) {
  ConcurrentBench bench;
  bench.set_up();
  for (const AtOnce operation : operations) {
    switch (operation) {
      case AtOnce::write_part:
        bench.write(2, 3);
        break;
      case AtOnce::write_region:
        bench.write(0, bench.region);
        break;
      case AtOnce::read:
        bench.say("read c 0 {} &", bench.sectors());
        break;
      case AtOnce::discard:
        bench.say("discard c 0 {} &", bench.region);
        break;
      case AtOnce::flush:
        bench.say("flush c &");
        break;
      case AtOnce::write_durable:
        bench.write(1, 4, " fua");
        break;
      case AtOnce::hydrate:
        bench.say("dmsetup message c 0 enable_hydration &");
        break;
      case AtOnce::message:
        bench.say("dmsetup message c 0 hydration_threshold 2 &");
        break;
      case AtOnce::suspend:
        bench.suspend();
        break;
      case AtOnce::reload:
        bench.reload();
        break;
      case AtOnce::reopen:
        bench.reopen();
        break;
    }
  }
  bench.say("wait");
  return bench.text();
}

std::uint64_t every_choice(std::vector<AtOnce>& operations, unsigned left, unsigned first,
                           const std::function<void(const std::string&)>& use) {
  if (left == 0) {
    if (use) use(scenario_of(operations));
    return 1;
  }
  std::uint64_t count = 0;
  for (unsigned kind = first; kind < at_once_kinds; ++kind) {
    operations.push_back(static_cast<AtOnce>(kind));
    count += every_choice(operations, left - 1, kind, use);
    operations.pop_back();
  }
  return count;
}

}  // namespace

std::string random_concurrent_workload(std::uint64_t seed, std::uint64_t operations) {
  return RandomConcurrent(seed).make(operations);
}

std::uint64_t every_concurrent_workload(unsigned operations,
                                        const std::function<void(const std::string& scenario)>& use) {
  std::vector<AtOnce> chosen;
  return every_choice(chosen, operations, 0, use);
}

}  // namespace sim::generate
