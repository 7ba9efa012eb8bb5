// SPDX-License-Identifier: GPL-2.0-or-later
// write_damage FOLDER COUNT [SEED]: writes scenarios that damage a clone's metadata and then use the clone,
// for a comparison with a real kernel (tests/kernel/kernel.py compare).
//
// write_damage --images FOLDER COUNT [SEED]: writes damaged images, "N-NAME-DAMAGE.img", and the images that
// they were made of, "NAME.whole" with the sizes of the clone in "NAME.sizes" (tests/kernel/kernel.py
// repair).
#include <charconv>
#include <filesystem>
#include <fmt/core.h>
#include <fstream>
#include <string_view>

#include "sim/generate/random.h"

#include "tests/support/damaged_images.h"
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

bool write_file(const std::string& path, std::string_view content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
  if (file.flush()) return true;
  fmt::print(stderr, "cannot write {}\n", path);
  return false;
}

std::string_view text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool write_images(const std::string& folder, std::uint64_t count, std::uint64_t seed) {
  for (const test::WholeImage& whole : test::whole_images()) {
    const std::string path = fmt::format("{}/{}", folder, whole.name);
    if (!write_file(path + ".whole", text_of(whole.bytes)) ||
        !write_file(path + ".sizes", fmt::format("{} {}\n", whole.target, whole.region_size)))
      return false;
  }
  sim::generate::Random random(seed);
  for (std::uint64_t i = 0; i < count; ++i) {
    const test::DamagedImage image = test::damaged_image(random);
    const std::string path = fmt::format("{}/{:06}-{}-{}.img", folder, i, image.whole->name, image.damage);
    if (!write_file(path, text_of(image.bytes))) return false;
  }
  return true;
}

bool write_scenarios(const std::string& folder, std::uint64_t count, std::uint64_t seed) {
  sim::generate::Random random(seed);
  const std::vector<test::MetadataSample>& samples = test::metadata_samples();
  for (std::uint64_t i = 0; i < count; ++i) {
    const test::MetadataSample& sample = samples[i % samples.size()];
    const std::string path = fmt::format("{}/damage-{:04}-{}.dms", folder, i, sample.name);
    if (!write_file(path, test::damage_scenario(sample, random_damage(blocks_that_matter(sample), random))))
      return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string_view> words(argv + 1, argv + argc);
  const bool images = !words.empty() && words.front() == "--images";
  if (images) words.erase(words.begin());
  const auto count = words.size() >= 2 ? number(words[1]) : std::nullopt;
  const auto seed = words.size() >= 3 ? number(words[2]) : 1;
  if (words.size() > 3 || !count || !seed) {
    fmt::print(stderr, "usage: {} [--images] FOLDER COUNT [SEED]\n", argv[0]);
    return 2;
  }
  const std::string folder(words[0]);
  std::filesystem::create_directories(folder);
  return (images ? write_images : write_scenarios)(folder, *count, *seed) ? 0 : 1;
}
