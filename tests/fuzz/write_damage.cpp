// SPDX-License-Identifier: GPL-2.0-or-later
// write_damage FOLDER COUNT [SEED]: writes scenarios that damage a clone's metadata and then use the clone,
// for a comparison with a real kernel (tests/kernel/kernel.py compare).
#include <charconv>
#include <filesystem>
#include <fmt/core.h>
#include <fstream>
#include <string_view>

#include "sim/generate/random.h"

#include "tests/support/metadata_samples.h"

namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The blocks that the standard use reads: damage elsewhere shows nothing.
std::vector<test::SampleBlock> blocks_that_matter(const test::MetadataSample& sample) {
  const test::SampleRun undamaged = test::run_sample(sample, {}, sample.use);
  std::vector<test::SampleBlock> blocks;
  for (const test::SampleBlock& block : sample.blocks) {
    if (undamaged.blocks_read.contains(block.number)) blocks.push_back(block);
  }
  return blocks;
}

// A byte or a whole field changes; three times in four the checksum with it.
std::vector<test::Poke> random_damage(const std::vector<test::SampleBlock>& blocks,
                                      sim::generate::Random& random) {
  constexpr std::size_t header_and_first_entries = 200;
  const test::SampleBlock& block = random.pick(blocks);
  const bool front = random.chance(70);
  std::size_t offset = random.below(front ? header_and_first_entries : block.bytes.size());
  std::vector<std::byte> value{block.bytes[offset] ^ static_cast<std::byte>(1U << random.below(8))};
  switch (random.weighted({3, 1, 2})) {
    case 0:
      break;
    case 1:
      value[0] = static_cast<std::byte>(random.below(16));
      break;
    default:  // most fields begin at multiples of four; of the superblock's all
      offset -= offset % 4;
      value.assign(random.pick({4, 8}), random.pick({std::byte{0}, std::byte{0xff}}));
      value.resize(std::min(value.size(), block.bytes.size() - offset));
      if (random.chance(50)) value[0] = static_cast<std::byte>(random.below(16));
      break;
  }
  if (random.chance(75)) return test::poke_with_checksum(block, offset, value);
  return {{block.number, offset, value}};
}

}  // namespace

int main(int argc, char** argv) {
  const auto count = argc >= 3 ? number(argv[2]) : std::nullopt;
  const auto seed = argc >= 4 ? number(argv[3]) : 1;
  if (argc > 4 || !count || !seed) {
    fmt::print(stderr, "usage: {} FOLDER COUNT [SEED]\n", argv[0]);
    return 2;
  }
  std::filesystem::create_directories(argv[1]);
  sim::generate::Random random(*seed);
  const std::vector<test::MetadataSample>& samples = test::metadata_samples();
  for (std::uint64_t i = 0; i < *count; ++i) {
    const test::MetadataSample& sample = samples[i % samples.size()];
    const std::string path = fmt::format("{}/damage-{:04}-{}.dms", argv[1], i, sample.name);
    std::ofstream file(path);
    file << test::damage_scenario(sample, random_damage(blocks_that_matter(sample), random));
    if (!file.flush()) {
      fmt::print(stderr, "cannot write {}\n", path);
      return 1;
    }
  }
  return 0;
}
