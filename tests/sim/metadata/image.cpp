// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/metadata/image.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <stdexcept>

#include "sim/store/memory_store.h"
#include "sim/store/store_image.h"

#include "tests/rig/clone.h"

namespace test {

using sim::metadata::block_bytes;

namespace {

constexpr std::uint32_t entries_per_bitmap = 16320;

// With one region that was written.
Image left_by_a_clone(const CloneShape& shape) {
  Machine machine;
  Clone clone(machine, shape);
  machine.run([&] {
    clone.create();
    clone.write(0, "AAAAAAAA");
    clone.remove();
  });
  return Image(clone.metadata().store());
}

}  // namespace

Image::Image(const sim::Store& store) : bytes_(store.size()) {
  if (!store.read(0, bytes_).ok()) throw std::runtime_error("the store cannot be read");
}

Image Image::of_sample(const std::string& name) {
  for (const MetadataSample& sample : metadata_samples()) {
    if (sample.name != name) continue;
    const SampleDisk& disk = sample.disks.front();
    sim::MemoryStore store(disk.size_bytes);
    for (const Extent& extent : disk.extents) store.write(extent.offset, extent.bytes).ignore();
    return Image(store);
  }
  throw std::logic_error("there is no such sample");
}

const Image& Image::with_internal_node() {
  // An array block has the bits of 32576 regions, a node of the tree 252 array blocks.
  static const Image image = left_by_a_clone({.sectors = 300 * 32576 * 8});
  return image;
}

const Image& Image::with_two_bitmaps() {
  static const Image image = left_by_a_clone({.metadata_sectors = 17'000 * 8});
  return image;
}

void Image::seal(std::uint64_t block, sim::metadata::Use use) {
  sim::metadata::Block copy;
  std::memcpy(copy.data(), bytes_.data() + block * block_bytes, block_bytes);
  at<dmcore::le32>(block) = sim::metadata::checksum_for(use, copy);
}

dmcore::le64& Image::key(std::uint64_t node, std::size_t i) {
  return at<dmcore::le64>(node, sizeof(dmcore::BtreeNodeHeaderDisk) + 8 * i);
}

dmcore::le64& Image::value(std::uint64_t node, std::size_t i) {
  return at<dmcore::le64>(node, sizeof(dmcore::BtreeNodeHeaderDisk) + 8 * (252 + i));
}

unsigned Image::entry(std::uint64_t block) {
  const auto byte = std::to_integer<unsigned>(at<std::byte>(bitmap(), 16 + block / 4));
  const unsigned bits = byte >> (block % 4 * 2) & 3U;
  return (bits & 1U) * 2 + (bits >> 1U);
}

void Image::set_entry(std::uint64_t block, unsigned value) {
  auto& byte = at<std::byte>(bitmap(), 16 + block / 4);
  const unsigned bits = (value & 1U) * 2 + (value >> 1U);
  const auto shift = static_cast<unsigned>(block % 4 * 2);
  byte = (byte & ~(std::byte{3} << shift)) | static_cast<std::byte>(bits << shift);
  seal_bitmap();
}

void Image::set_count(std::uint64_t block, unsigned value) {
  const bool was_free = entry(block) == 0;
  set_entry(block, value);
  const bool is_free = value == 0;
  if (was_free && !is_free) {
    index_entry().nr_free -= 1;
    space_map().nr_allocated += 1;
  }
  if (!was_free && is_free) {
    index_entry().nr_free += 1;
    space_map().nr_allocated -= 1;
    index_entry().none_free_before =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(index_entry().none_free_before, block));
  }
  seal_index();
  seal_superblock();
}

void Image::add_tree_count(std::uint64_t block, std::uint32_t count) {
  auto& header = at<dmcore::BtreeNodeHeaderDisk>(count_root());
  const std::uint32_t i = header.nr_entries;
  header.nr_entries = i + 1;
  at<dmcore::le64>(count_root(), sizeof header + 8 * i) = block;
  at<dmcore::le32>(count_root(), sizeof header + 8 * 336 + 4 * i) = count;
  seal_count_root();
}

std::uint64_t Image::free_block() {
  for (std::uint64_t block = 0; block < entries_per_bitmap; ++block) {
    if (entry(block) == 0) return block;
  }
  throw std::logic_error("no block is free");
}

sim::metadata::Report Image::check(sim::metadata::Depth depth) const {
  sim::MemoryStore store(bytes_.size());
  sim::load_image(store, bytes_).ignore();
  return sim::metadata::check(store, depth);
}

std::vector<std::string> Image::findings(sim::metadata::Depth depth) const {
  std::vector<std::string> all;
  for (const sim::metadata::Finding& finding : check(depth).findings)
    all.push_back(fmt::format("{}: {}", name_of(finding.kind), describe(finding)));
  return all;
}

}  // namespace test
