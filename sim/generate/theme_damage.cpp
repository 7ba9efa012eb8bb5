// SPDX-License-Identifier: GPL-2.0-or-later
// Damage to the metadata at rest: to each field of each structure, with the checksum corrected or not.
#include "sim/generate/clone.h"
#include "sim/generate/metadata_image.h"
#include "sim/generate/themes.h"

namespace sim::generate {
namespace {

using Bytes = std::vector<std::byte>;

std::string hex(const Bytes& bytes) {
  std::string out;
  for (const std::byte byte : bytes) out += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return out;
}

void poke(Bench& bench, const Clone& clone, std::uint64_t block, std::size_t offset, const Bytes& bytes) {
  bench.say("poke {} {} {}", clone.metadata.name, block * MetadataImage::block_size + offset, hex(bytes));
}

Bytes other_value(Random& random, Bytes value) {
  random.choose({
      // one bit
      {3,
       [&] {
         std::byte& byte = value[random.below(value.size())];
         byte ^= static_cast<std::byte>(1U << random.below(8));
       }},
      // a small number
      {3,
       [&] {
         value.assign(value.size(), std::byte{0});
         value[0] = static_cast<std::byte>(random.below(20));
       }},
      {2, [&] { value.assign(value.size(), std::byte{0xff}); }},
      {2, [&] { value.assign(value.size(), std::byte{0}); }},
      {2,
       [&] {
         for (std::byte& byte : value) byte = static_cast<std::byte>(random.below(256));
       }},
  });
  return value;
}

// Opens the clone and looks; changes nothing.
void look(Bench& bench, const Clone& clone) {
  create(bench, clone);
  bench.say("dmsetup status c");
  if (bench.random.chance(40)) bench.say("read c 0 {}", std::min<std::uint64_t>(clone.device.sectors, 200));
  bench.say("dmsetup remove c");
}

}  // namespace

void damage(Bench& bench) {
  Random& random = bench.random;
  CloneShape shape;
  shape.sectors_max = 3000;
  shape.region_max = 32;
  const Clone clone = make_clone(bench, "c", shape);
  create(bench, clone);
  const std::uint64_t changes = random.below(4);
  for (std::uint64_t i = 0; i < changes; i++) committed_change(bench, clone);
  bench.say("dmsetup remove c");
  MetadataImage image(bench.text(), clone.metadata.name);
  const std::vector<Structure> structures = image.structures();
  if (structures.empty()) return;
  const std::uint64_t steps = random.between(3, 7);
  for (std::uint64_t i = 0; i < steps; i++) {
    const Structure& structure = random.pick(structures);
    const Field field = random.chance(85)
                            ? random.pick(structure.fields)
                            : Field{.offset = random.below(MetadataImage::block_size), .size = 1};
    const Bytes before = image.bytes(structure.block, field);
    const Bytes sum_before = image.bytes(structure.block, {.offset = 0, .size = 4});
    const Bytes after = other_value(random, before);
    image.change(structure.block, field.offset, after);
    if (image.stops_linux()) {
      image.change(structure.block, field.offset, before);
      continue;
    }
    poke(bench, clone, structure.block, field.offset, after);
    if (random.chance(70) && field.offset >= 4) {
      image.change(structure.block, 0, image.checksum(structure));
      poke(bench, clone, structure.block, 0, image.bytes(structure.block, {.offset = 0, .size = 4}));
    }
    look(bench, clone);
    // Usually it is repaired; else the damages add up.
    if (random.chance(80)) {
      poke(bench, clone, structure.block, field.offset, before);
      poke(bench, clone, structure.block, 0, sum_before);
      image.change(structure.block, field.offset, before);
      image.change(structure.block, 0, sum_before);
    }
  }
  look(bench, clone);
  bench.say("sha256 {}", clone.metadata.name);
}

}  // namespace sim::generate
