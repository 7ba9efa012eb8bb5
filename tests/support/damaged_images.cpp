// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/damaged_images.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <set>
#include <stdexcept>

#include "dmclone/superblock.h"

#include "sim/metadata/blocks.h"
#include "sim/metadata/check.h"
#include "sim/restore/image.h"
#include "sim/store/memory_store.h"
#include "sim/store/store_image.h"

namespace test {

namespace {

using sim::generate::Random;
using sim::metadata::block_bytes;
using sim::metadata::Use;
using Bytes = std::vector<std::byte>;

// A store in memory that remembers which blocks were read.
class ReadStore final : public sim::Store {
 public:
  explicit ReadStore(const Bytes& bytes) : beneath_(bytes.size()) {
    sim::load_image(beneath_, bytes).ignore();
  }
  [[nodiscard]] std::uint64_t size() const override { return beneath_.size(); }
  dmcore::Status read(std::uint64_t offset, std::span<std::byte> out) const override {
    blocks.insert(offset / block_bytes);
    return beneath_.read(offset, out);
  }
  dmcore::Status write(std::uint64_t offset, std::span<const std::byte> data) override {
    return beneath_.write(offset, data);
  }
  dmcore::Status discard(std::uint64_t offset, std::uint64_t length) override {
    return beneath_.discard(offset, length);
  }
  [[nodiscard]] dmcore::Result<std::optional<Extent>> next_extent(std::uint64_t offset) const override {
    return beneath_.next_extent(offset);
  }

  mutable std::set<std::uint64_t> blocks;

 private:
  sim::MemoryStore beneath_;
};

struct Shape {
  const char* name;
  std::uint64_t blocks;
  std::uint64_t target;
  std::uint64_t region_size;
};

WholeImage make_image(const Shape& shape, std::uint64_t seed) {
  Random random(seed);
  WholeImage whole{.name = fmt::format("{}-{}", shape.name, seed),
                   .target = shape.target,
                   .region_size = shape.region_size,
                   .hydrated = {},
                   .bytes = Bytes(shape.blocks * block_bytes),
                   .blocks_used = {}};
  const std::uint64_t regions = dmcore::div_round_up(shape.target, shape.region_size);
  std::vector<bool> hydrated(regions);
  sim::restore::Commits commits(random.between(1, 12));
  for (auto& commit : commits) {
    const std::uint64_t begin = random.below(regions);
    const std::uint64_t length = std::min(random.between(1, 1 + regions / 10), regions - begin);
    commit.push_back({begin, length});
    std::fill_n(hydrated.begin() + static_cast<std::ptrdiff_t>(begin), length, true);
  }
  for (std::uint64_t region = 0; region < regions; ++region)
    whole.hydrated.append(region, hydrated[region] ? 1 : 0);
  sim::restore::Image image(dmcore::to_sectors(whole.bytes.size()));
  if (!image.write(shape.target, shape.region_size, commits).ok() || !image.store().read(0, whole.bytes).ok())
    throw std::runtime_error("an image could not be made");
  const ReadStore store(whole.bytes);
  if (!sim::metadata::check(store).clean()) throw std::runtime_error("an image is not clean");
  whole.blocks_used.assign(store.blocks.begin(), store.blocks.end());
  return whole;
}

// What a block is by its checksum.
Use use_of(const sim::metadata::Block& block) {
  for (const Use use : {Use::superblock, Use::index, Use::bitmap, Use::bitset_node, Use::array_block}) {
    if (sim::metadata::checksum_for(use, block) == sim::metadata::structure<dmcore::le32>(block)) return use;
  }
  return Use::none;
}

class Damager {
 public:
  Damager(Random& random, const WholeImage& whole, Bytes& bytes)
      : random_(random), bytes_(bytes), block_(random.pick(whole.blocks_used)) {}

  void bits() {
    for (std::uint64_t count = random_.between(1, 3); count != 0; --count)
      *at(random_.below(block_bytes)) ^= static_cast<std::byte>(1U << random_.below(8));
  }
  void bytes() {
    const std::size_t first = random_.chance(50) ? random_.below(200) : random_.below(block_bytes);
    const std::size_t end = std::min<std::size_t>(first + random_.between(1, 600), block_bytes);
    for (std::size_t i = first; i < end; ++i) *at(i) = static_cast<std::byte>(random_.below(256));
  }
  void zeroes() { std::fill_n(at(0), block_bytes, std::byte{0}); }
  void sector() {
    constexpr std::size_t sector_bytes = 512;
    std::fill_n(at(random_.below(8) * sector_bytes), sector_bytes, std::byte{0});
  }
  // Another block in its place, or an older one.
  void misplaced() {
    const std::uint64_t other = random_.below(bytes_.size() / block_bytes);
    if (random_.chance(50)) {
      std::memmove(at(0), bytes_.data() + other * block_bytes, block_bytes);
    } else if (other != block_) {
      std::memmove(bytes_.data() + other * block_bytes, at(0), block_bytes);
      zeroes();
    }
  }
  void truncated() { bytes_.resize(random_.below(bytes_.size())); }
  // A field, with a checksum that fits.
  void field() {
    constexpr std::size_t fields_bytes = 200;
    sim::metadata::Block block;
    std::memcpy(block.data(), at(0), block_bytes);
    const Use use = use_of(block);
    // The words of the bitset begin behind the header; the sizes of the clone are at the superblock's end.
    const std::size_t fields_end = use == Use::array_block ? 24 : use == Use::superblock ? 172 : fields_bytes;
    const bool root = use == Use::superblock && random_.chance(20);
    const std::size_t offset =
        root ? offsetof(dmclone::SuperblockDisk, bitset_root) : 4 + random_.below((fields_end - 4) / 4) * 4;
    const std::uint32_t value = random_.chance(70) ? static_cast<std::uint32_t>(random_.below(20))
                                                   : random_.pick({0xffffffffU, 0x7fffffffU, 0x10000U});
    const dmcore::le32 stored = value;
    std::memcpy(block.data() + offset, &stored, sizeof stored);
    const dmcore::le32 checksum = sim::metadata::checksum_for(use, block);
    std::memcpy(block.data(), &checksum, sizeof checksum);
    std::memcpy(at(0), block.data(), block_bytes);
  }

 private:
  std::byte* at(std::size_t offset) { return bytes_.data() + block_ * block_bytes + offset; }

  Random& random_;
  Bytes& bytes_;
  std::uint64_t block_;
};

}  // namespace

const std::vector<WholeImage>& whole_images() {
  static const std::vector<WholeImage> images = [] {
    std::vector<WholeImage> made;
    // An array block has the bits of 32576 regions.
    for (const Shape& shape :
         {Shape{"few", 16, 500, 8}, Shape{"thousand", 32, 16'000, 16}, Shape{"one-block", 24, 32'576 * 8, 8},
          Shape{"five-blocks", 64, 130'010 * 8 + 3, 8}}) {
      for (std::uint64_t seed = 1; seed <= 5; ++seed) made.push_back(make_image(shape, seed));
    }
    return made;
  }();
  return images;
}

DamagedImage damaged_image(Random& random) {
  const WholeImage& whole = random.pick(whole_images());
  DamagedImage damaged{.whole = &whole, .damage = {}, .bytes = whole.bytes};
  using Act = void (Damager::*)();
  struct Damage {
    const char* name;
    Act act;
  };
  static constexpr auto damages = std::to_array<Damage>({{"bits", &Damager::bits},
                                                         {"bytes", &Damager::bytes},
                                                         {"zeroes", &Damager::zeroes},
                                                         {"sector", &Damager::sector},
                                                         {"misplaced", &Damager::misplaced},
                                                         {"field", &Damager::field},
                                                         {"truncated", &Damager::truncated}});
  const Damage& damage = damages[random.weighted({3, 3, 2, 2, 3, 6, 1})];
  damaged.damage = damage.name;
  Damager damager(random, whole, damaged.bytes);
  (damager.*damage.act)();
  return damaged;
}

}  // namespace test
