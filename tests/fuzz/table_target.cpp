// SPDX-License-Identifier: GPL-2.0-or-later
// Tables: the text that dmsetup loads, and with it the arguments of every type of target; then messages to
// what came of it.
//
// The input is text. A line that begins with '!' is a message; all others are the table.
#include <algorithm>

#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/target_bench.h"

namespace fuzz {
namespace {

constexpr std::uint64_t steps_max = 100'000;
constexpr std::size_t messages_max = 8;
constexpr std::size_t table_bytes_max = 8192;

struct Parts {
  std::string table;
  std::vector<std::string> messages;
};

Parts split(std::string_view text) {
  Parts parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    if (!line.starts_with('!')) {
      parts.table += line;
    } else if (parts.messages.size() < messages_max) {
      parts.messages.emplace_back(line.substr(1, line.find('\n') - 1));
    }
  }
  return parts;
}

// A table as it is, and one that is loaded over it.
void use(TargetBench& bench, const Parts& parts) {
  bench.dmsetup({"create", "below", "--table", "0 2048 linear /dev/loop2 0"});
  bench.dmsetup({"create", "t", "--table", parts.table});
  for (const char* question : {"table", "status", "deps", "info"}) bench.dmsetup({question, "t"});
  for (const std::string& message : parts.messages) bench.dmsetup({"message", "t", "0", message});
  bench.touch("/dev/mapper/t");
  bench.dmsetup({"status", "t"});
  bench.dmsetup({"suspend", "t"});
  bench.dmsetup({"reload", "t", "--readonly", "--table", parts.table});
  bench.dmsetup({"table", "--inactive", "t"});
  bench.dmsetup({"resume", "t"});
  bench.touch("/dev/mapper/t");
  bench.dmsetup({"remove", "t"});
  bench.dmsetup({"remove", "below"});
}

Outcome run(std::span<const std::uint8_t> input) {
  if (input.size() > table_bytes_max) return {};
  const Parts parts = split(as_text(input));
  TargetBench bench(steps_max);
  return bench.outcome_of([&] { use(bench, parts); });
}

std::vector<Input> seeds() {
  return {
      as_input("0 4096 clone /dev/loop0 /dev/loop1 /dev/loop2 8\n!enable_hydration\n!disable_hydration\n"
               "!hydration_threshold 8\n!hydration_batch_size 4\n"),
      as_input("0 4096 clone 7:0 7:1 7:2 64 2 no_hydration no_discard_passdown 4 hydration_threshold 2 "
               "hydration_batch_size 3\n"),
      as_input("0 1000 clone /dev/loop0 /dev/loop1 /dev/mapper/below 2097152 0 0\n"),
      as_input("0 2048 linear /dev/loop1 0\n2048 100 linear 7:4 8\n"),
      as_input("0 8 zero\n8 8 error\n16 8 linear /dev/loop2 16\n"),
      as_input("0 4096 striped 2 16 /dev/loop1 0 /dev/loop2 0\n"),
      as_input("0 3000 stripe 3 8 /dev/loop1 0 /dev/loop2 8 7:4 16\n"),
      as_input("0 4096 delay /dev/loop2 0 10\n"),
      as_input("0 4096 delay /dev/loop2 0 10 /dev/loop1 0 20 /dev/loop1 0 30\n"),
      as_input("0 4096 flakey /dev/loop2 0 1 1 5 corrupt_bio_byte 32 r 1 0\n"),
      as_input("0 4096 flakey /dev/loop2 0 0 1 1 drop_writes\n0 4096 flakey 7:2 0 5 5 1 error_writes\n"),
      as_input("0 4096 dust /dev/loop1 0 512\n!addbadblock 60\n!enable\n!queryblock 60\n!countbadblocks\n"
               "!listbadblocks\n!removebadblock 60\n!clearbadblocks\n!quiet\n!disable\n!addbadblock 61 2\n"),
      as_input("0 2048 clone /dev/loop0 /dev/loop4 /dev/loop3 16 1 no_hydration\n"),
      as_input("0 1099511627776 zero\n"),
      as_input("# a comment\n\n  0   2048\tlinear /dev/mapper/below 0\n!@stats_list\n"),
  };
}

// Words: one goes, comes twice, changes places with another, or becomes a number.
void mutate(Input& input, sim::generate::Random& random) {
  std::vector<std::string> words(1);
  for (const std::uint8_t byte : input) {
    words.back() += static_cast<char>(byte);
    if (byte == ' ' || byte == '\n') words.emplace_back();
  }
  const std::size_t at = random.below(words.size());
  const std::size_t other = random.below(words.size());
  switch (random.below(4)) {
    case 0:
      words[at].clear();
      break;
    case 1:
      words.insert(words.begin() + static_cast<std::ptrdiff_t>(other), std::string(words[at]));
      break;
    case 2:
      std::swap(words[at], words[other]);
      break;
    default:
      words[at] = random.pick({"0 ", "1 ", "-1 ", "8 ", "2048 ", "4294967295 ", "4294967296 ",
                               "18446744073709551615 ", "9223372036854775808 ", "0x10 ", "\n"});
      break;
  }
  input.clear();
  for (const std::string& text : words) input.insert(input.end(), text.begin(), text.end());
}

}  // namespace

Target table_target() {
  return {.name = "table", .run = run, .seeds = seeds, .mutate = mutate};
}

}  // namespace fuzz
