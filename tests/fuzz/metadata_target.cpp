// SPDX-License-Identifier: GPL-2.0-or-later
// Metadata: a clone is opened on a damaged image, and used.
//
// The input: a byte that chooses one of the sample images, the number of changes, so many Changes, and then
// the use, one byte for each command. A change can put the right checksum over what it did.
#include <algorithm>
#include <cstring>
#include <fmt/format.h>

#include "sim/metadata/geometry.h"

#include "tests/fuzz/fuzz_target.h"
#include "tests/support/metadata_samples.h"

namespace fuzz {
namespace {

constexpr std::size_t changes_max = 12;
constexpr std::size_t commands_max = 24;
constexpr std::size_t head_bytes = 2;

// Bits of Change::how.
constexpr std::uint8_t how_checksum = 1;
constexpr unsigned how_length_shift = 1;  // two bits: 1, 2, 4 or 8 bytes
constexpr std::uint8_t how_length_mask = 3;

struct Change {
  std::uint8_t block;   // the how manieth of those in use
  std::uint8_t how;     //
  std::uint16_t place;  // offset in the block
  std::array<std::byte, 8> value;
};
static_assert(sizeof(Change) == 12);

const test::MetadataSample& sample_of(std::uint8_t byte) {
  const auto& samples = test::metadata_samples();
  return samples[byte % samples.size()];
}

std::vector<test::Poke> pokes_of(const test::MetadataSample& sample, std::span<const std::uint8_t> changes) {
  std::vector<test::SampleBlock> blocks = sample.blocks;
  std::vector<test::Poke> pokes;
  for (; changes.size() >= sizeof(Change); changes = changes.subspan(sizeof(Change))) {
    Change change{};
    std::memcpy(&change, changes.data(), sizeof change);
    test::SampleBlock& block = blocks[change.block % blocks.size()];
    const std::size_t length = std::size_t{1} << ((change.how >> how_length_shift) & how_length_mask);
    const std::size_t place = change.place % (block.bytes.size() - length + 1);
    const std::vector<std::byte> value(change.value.begin(),
                                       change.value.begin() + static_cast<std::ptrdiff_t>(length));
    std::vector<test::Poke> now{{block.number, place, value}};
    if ((change.how & how_checksum) != 0) now = test::poke_with_checksum(block, place, value);
    for (test::Poke& poke : now) {
      std::copy(poke.bytes.begin(), poke.bytes.end(),
                block.bytes.begin() + static_cast<std::ptrdiff_t>(poke.offset));
      pokes.push_back(std::move(poke));
    }
  }
  return pokes;
}

// The low three bits say what is done, the others where.
std::string command(const test::MetadataSample& sample, std::uint8_t byte) {
  constexpr unsigned places = 32;
  const std::uint64_t sector = (sample.sectors - 16) * (byte >> 3U) / (places - 1);
  const std::uint64_t region = sector / sample.region_sectors * sample.region_sectors;
  switch (byte & 7U) {
    case 0:
      return fmt::format("read c {} 16\n", sector);
    case 1:
      return fmt::format("write c {} 8 W\n", region);
    case 2:
      return fmt::format("write c {} 3 w fua\n", sector);
    case 3:
      return fmt::format("discard c {} {}\n", region, 8U << (byte >> 6U));
    case 4:
      return "flush c\n";
    case 5:
      return "dmsetup status c\n";
    case 6:
      return "dmsetup remove c\n" + sample.create;
    default:
      // Background hydration, where it ends soon.
      return byte < 128 || sample.sectors > 10'000 ? "sleep 1.5\n"
                                                   : "dmsetup message c 0 enable_hydration\nsleep 0.5\n";
  }
}

std::string scenario(const test::MetadataSample& sample, std::span<const std::uint8_t> use) {
  if (use.empty()) return sample.use;
  std::string text = sample.create;
  for (const std::uint8_t byte : use.first(std::min(use.size(), commands_max))) text += command(sample, byte);
  return text + "flush c\ndmsetup status c\ndmsetup remove c\n" + sample.create + "dmsetup status c\n";
}

// Where in an input the changes end.
std::size_t changes_end(std::span<const std::uint8_t> input) {
  const std::size_t there = (input.size() - head_bytes) / sizeof(Change);
  return head_bytes + sizeof(Change) * std::min<std::size_t>(input[1] % (changes_max + 1), there);
}

Outcome run(std::span<const std::uint8_t> input) {
  if (input.size() < head_bytes) return {};
  const test::MetadataSample& sample = sample_of(input[0]);
  const std::size_t end = changes_end(input);
  const test::SampleRun result =
      test::run_sample(sample, pokes_of(sample, input.subspan(head_bytes, end - head_bytes)),
                       scenario(sample, input.subspan(end)));
  Outcome outcome{.transcript = result.transcript + result.ending.report, .finding = {}};
  if (result.ending.kind == test::Ending::Kind::out_of_steps) outcome.finding = "it never ends";
  if (result.ending.kind == test::Ending::Kind::stopped || result.ending.kind == test::Ending::Kind::waits)
    outcome.finding = result.ending.report;
  return outcome;
}

// Where fields are in blocks: headers, the first keys and values, space-map roots, entries of bitmaps.
constexpr std::array<std::uint16_t, 30> places{0,   4,   8,    12,   16,   20,   24,   28,   32,   36,
                                               40,  44,  48,   52,   60,   68,   76,   84,   92,   172,
                                               180, 188, 1000, 2040, 2048, 2056, 2064, 3000, 4088, 4092};

Change random_change(sim::generate::Random& random) {
  Change change{};
  change.block = static_cast<std::uint8_t>(random.below(256));
  change.how = static_cast<std::uint8_t>(random.below(8));
  change.place = random.chance(75) ? places[random.below(places.size())]
                                   : static_cast<std::uint16_t>(random.below(sim::metadata::block_bytes));
  switch (random.below(4)) {
    case 0:  // a small number
      change.value[0] = static_cast<std::byte>(random.below(24));
      break;
    case 1:
      change.value.fill(std::byte{0xff});
      break;
    case 2:
      change.value[random.below(change.value.size())] = static_cast<std::byte>(1U << random.below(8));
      break;
    default:
      for (std::byte& byte : change.value) byte = static_cast<std::byte>(random.below(256));
      break;
  }
  return change;
}

void mutate(Input& input, sim::generate::Random& random) {
  if (input.size() < head_bytes) input.resize(head_bytes);
  const std::size_t end = changes_end(input);
  const std::size_t there = (end - head_bytes) / sizeof(Change);
  switch (random.weighted({1, 4, 4, 1, 2})) {
    case 0:
      input[0] = static_cast<std::uint8_t>(random.below(256));
      return;
    case 1: {  // one more change
      if (there == changes_max) return;
      const Change change = random_change(random);
      input[1] = static_cast<std::uint8_t>(there + 1);
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(&change);
      input.insert(input.begin() + static_cast<std::ptrdiff_t>(end), bytes, bytes + sizeof change);
      return;
    }
    case 2: {  // another in the place of one
      if (there == 0) return;
      const Change change = random_change(random);
      std::memcpy(input.data() + head_bytes + sizeof change * random.below(there), &change, sizeof change);
      return;
    }
    case 3: {  // one less
      if (there == 0) return;
      const auto first = input.begin() + static_cast<std::ptrdiff_t>(end - sizeof(Change));
      input.erase(first, first + sizeof(Change));
      input[1] = static_cast<std::uint8_t>(there - 1);
      return;
    }
    default:
      input.push_back(static_cast<std::uint8_t>(random.below(256)));
      return;
  }
}

std::vector<Input> seeds() {
  constexpr std::size_t changed = 8;
  std::vector<Input> all;
  sim::generate::Random random(1);
  const auto samples = static_cast<std::uint8_t>(test::metadata_samples().size());
  for (std::uint8_t sample = 0; sample < samples; ++sample) {
    all.push_back({sample, 0});                                       // the standard use, undamaged
    all.push_back({sample, 0, 5, 8, 0x81, 12, 4, 6, 0xf9, 4, 0xff});  // a bit of each, undamaged
    for (std::size_t i = 0; i < changed; ++i) {
      Input input{sample, 1};
      const Change change = random_change(random);
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(&change);
      input.insert(input.end(), bytes, bytes + sizeof change);
      all.push_back(std::move(input));
    }
  }
  return all;
}

}  // namespace

Target metadata_target() {
  return {.name = "metadata", .run = run, .seeds = seeds, .mutate = mutate};
}

}  // namespace fuzz
