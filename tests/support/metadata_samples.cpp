// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/metadata_samples.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <memory>
#include <stdexcept>

#include "dmcore/persistent/array_format.h"
#include "dmcore/persistent/btree_format.h"
#include "dmcore/persistent/checksum.h"
#include "dmcore/persistent/space_map_format.h"

#include "dmclone/superblock.h"

#include "sim/language/parser.h"
#include "sim/metadata/geometry.h"
#include "sim/scenario/interpreter.h"
#include "sim/store/memory_store.h"

#include "tests/rig/machine.h"

namespace test {
namespace {

using sim::metadata::block_bytes;

constexpr std::uint64_t steps_max = 200'000;

// A store that remembers which metadata blocks were read as they were in the beginning.
class WatchedStore final : public sim::Store {
 public:
  WatchedStore(std::unique_ptr<sim::Store> inner, std::set<std::uint64_t>& blocks_read)
      : inner_(std::move(inner)), blocks_read_(blocks_read) {}
  [[nodiscard]] std::uint64_t size() const override { return inner_->size(); }
  dmcore::Status read(std::uint64_t offset, std::span<std::byte> out) const override {
    for (std::uint64_t at = offset / block_bytes; at * block_bytes < offset + out.size(); ++at) {
      if (!blocks_written_.contains(at)) blocks_read_.insert(at);
    }
    return inner_->read(offset, out);
  }
  dmcore::Status write(std::uint64_t offset, std::span<const std::byte> data) override {
    for (std::uint64_t at = offset / block_bytes; at * block_bytes < offset + data.size(); ++at)
      blocks_written_.insert(at);
    return inner_->write(offset, data);
  }
  dmcore::Status discard(std::uint64_t offset, std::uint64_t length) override {
    return inner_->discard(offset, length);
  }
  [[nodiscard]] dmcore::Result<std::optional<Extent>> next_extent(std::uint64_t offset) const override {
    return inner_->next_extent(offset);
  }

 private:
  std::unique_ptr<sim::Store> inner_;
  std::set<std::uint64_t>& blocks_read_;
  std::set<std::uint64_t> blocks_written_;
};

std::vector<sim::language::Command> parse(std::string_view text) {
  sim::language::ParseResult parsed = sim::language::parse_scenario(text);
  if (!parsed.ok()) throw std::logic_error("a sample's scenario is wrong");
  return std::move(parsed.scenario.commands);
}

std::vector<Extent> extents_of(sim::Store& store) {
  std::vector<Extent> extents;
  for (std::uint64_t at = 0;;) {
    const auto next = store.next_extent(at);
    if (!next.ok() || !*next) return extents;
    Extent extent{(*next)->offset, std::vector<std::byte>((*next)->length)};
    store.read(extent.offset, extent.bytes).ignore();
    at = extent.offset + extent.bytes.size();
    extents.push_back(std::move(extent));
  }
}

std::optional<std::uint32_t> kind_of(std::span<const std::byte> block) {
  std::uint32_t stored = 0;
  for (std::size_t i = 4; i-- > 0;) stored = stored << 8U | std::to_integer<std::uint32_t>(block[i]);
  for (const std::uint32_t csum_xor :
       {dmclone::superblock_csum_xor, dmcore::index_csum_xor, dmcore::bitmap_csum_xor, dmcore::btree_csum_xor,
        dmcore::array_csum_xor}) {
    if (dmcore::block_checksum(block, csum_xor) == stored) return csum_xor;
  }
  return std::nullopt;
}

std::vector<SampleBlock> blocks_of(const SampleDisk& disk) {
  std::vector<SampleBlock> blocks;
  for (const Extent& extent : disk.extents) {
    for (std::size_t at = 0; at + block_bytes <= extent.bytes.size(); at += block_bytes) {
      const auto first = extent.bytes.begin() + static_cast<std::ptrdiff_t>(at);
      std::vector<std::byte> bytes(first, first + static_cast<std::ptrdiff_t>(block_bytes));
      if (std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte{0}; }))
        continue;
      const auto csum_xor = kind_of(bytes);
      blocks.push_back({(extent.offset + at) / block_bytes, std::move(bytes), csum_xor});
    }
  }
  return blocks;
}

struct SampleShape {
  const char* name;
  const char* metadata_size;
  std::uint64_t regions;
  std::uint64_t commits;  // each hydrates a region
  std::uint64_t stride;   // between the regions that are hydrated
};

constexpr std::uint64_t region_sectors = 8;

MetadataSample make_sample(const SampleShape& shape) {
  MetadataSample sample;
  sample.name = shape.name;
  sample.region_sectors = region_sectors;
  sample.sectors = shape.regions * region_sectors;
  sample.create = fmt::format(
      "dmsetup create c --table \"0 {} clone /dev/loop0 /dev/loop1 /dev/loop2 {} 1 no_hydration\"\n",
      sample.sectors, region_sectors);
  sample.setup = fmt::format("disk loop0 {}\ndisk loop1 {}s\ndisk loop2 {}s\nwrite loop2 0 256 @S\n",
                             shape.metadata_size, sample.sectors, sample.sectors);
  sample.setup += sample.create;
  for (std::uint64_t i = 0; i < shape.commits; ++i)
    sample.setup += fmt::format("write c {} 8 B\nflush c\n", i * shape.stride * region_sectors);
  sample.setup += "dmsetup remove c\n";

  const std::uint64_t last = sample.sectors - region_sectors;
  sample.use = sample.create;
  sample.use += "dmsetup status c\nread c 0 64\n";
  sample.use +=
      fmt::format("read c {} 8\nwrite c {} 8 L\nwrite c 11 2 P\nflush c\ndmsetup status c\n", last, last);
  sample.use += "write c 160 8 Q\ndiscard c 200 16\nflush c\ndmsetup status c\ndmsetup remove c\n";
  sample.use += sample.create;
  sample.use += fmt::format("dmsetup status c\nread c 0 256\nread c {} 8\ndmsetup remove c\n", last);

  sim::Machine machine;
  sim::scenario::Interpreter interpreter(machine, {}, [](std::string_view) {});
  interpreter.run(parse(sample.setup));
  for (const auto& [name, disk] : machine.disks())
    sample.disks.push_back({name, disk->store().size(), extents_of(disk->store())});
  sample.blocks = blocks_of(sample.disks.front());
  return sample;
}

}  // namespace

const std::vector<MetadataSample>& metadata_samples() {
  // An array block has room for the bits of 32576 regions.
  static const std::vector<MetadataSample> samples = [] {
    std::vector<MetadataSample> made;
    for (const SampleShape& shape :
         {SampleShape{"small", "4M", 125, 2, 3}, SampleShape{"many-array-blocks", "4M", 130'000, 4, 32'500},
          SampleShape{"many-commits", "4M", 512, 30, 7}, SampleShape{"nearly-full", "64K", 125, 3, 5}}) {
      made.push_back(make_sample(shape));
    }
    return made;
  }();
  return samples;
}

void PrintTo(const MetadataSample& sample, std::ostream* out) {
  *out << sample.name;
}

Poke checksum_poke(const SampleBlock& block, std::span<const std::byte> bytes) {
  const std::uint32_t csum = dmcore::block_checksum(bytes, block.csum_xor.value_or(0));
  Poke poke{block.number, 0, std::vector<std::byte>(4)};
  for (unsigned i = 0; i < 4; ++i) poke.bytes[i] = static_cast<std::byte>(csum >> (8 * i));
  return poke;
}

std::vector<Poke> poke_with_checksum(const SampleBlock& block, std::size_t offset,
                                     const std::vector<std::byte>& bytes) {
  std::vector<std::byte> changed = block.bytes;
  std::copy(bytes.begin(), bytes.end(), changed.begin() + static_cast<std::ptrdiff_t>(offset));
  return {{block.number, offset, bytes}, checksum_poke(block, changed)};
}

SampleRun run_sample(const MetadataSample& sample, const std::vector<Poke>& pokes,
                     std::string_view scenario) {
  SampleRun result;
  Machine machine;
  machine.runtime().set_step_budget(steps_max);
  for (const SampleDisk& disk : sample.disks) {
    std::unique_ptr<sim::Store> store = std::make_unique<sim::MemoryStore>(disk.size_bytes);
    for (const Extent& extent : disk.extents) store->write(extent.offset, extent.bytes).ignore();
    if (&disk == &sample.disks.front()) {
      for (const Poke& poke : pokes)
        store->write(poke.block * block_bytes + poke.offset, poke.bytes).ignore();
      store = std::make_unique<WatchedStore>(std::move(store), result.blocks_read);
    }
    machine.sim::Machine::add_disk(disk.name, std::move(store), {});
  }
  const auto commands = parse(scenario);
  sim::scenario::Interpreter interpreter(
      machine, {}, [&](std::string_view line) { result.transcript.append(line).push_back('\n'); });
  result.ending = machine.ending_of([&] { interpreter.run(commands); });
  if (result.ending.kind == Ending::Kind::finished) {
    const std::string lost = machine.check_idle();
    if (!lost.empty()) result.ending = {Ending::Kind::stopped, lost};
  }
  machine.runtime().kill();
  return result;
}

std::string damage_scenario(const MetadataSample& sample, const std::vector<Poke>& pokes) {
  std::string text = sample.setup;
  for (const Poke& poke : pokes) {
    text += fmt::format("poke loop0 {} ", poke.block * block_bytes + poke.offset);
    for (const std::byte byte : poke.bytes) text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
    text += '\n';
  }
  return text + sample.use;
}

}  // namespace test
