// SPDX-License-Identifier: GPL-2.0-or-later
// The bytes on a clone's metadata disk at the end of a scenario, found by replaying it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sim::generate {

// A field of a block, as damage() changes it.
struct Field {
  std::size_t offset;  // from the block's beginning
  std::size_t size;    // bytes
};

// A block of the metadata that means something.
struct Structure {
  std::uint64_t block = 0;
  std::uint32_t csum_xor = 0;
  std::vector<Field> fields;
};

class MetadataImage {
 public:
  static constexpr std::size_t block_size = 4096;

  // Replays a scenario and takes the first blocks of a disk. Empty if the scenario cannot be replayed.
  MetadataImage(std::string_view scenario, const std::string& disk);

  // Each structure that the superblock leads to. Nothing if it leads astray.
  [[nodiscard]] std::vector<Structure> structures() const;
  [[nodiscard]] std::vector<std::byte> bytes(std::uint64_t block, const Field& field) const;
  // Whether Linux 6.1 would stop with a bug when it opens this (docs/findings.md): the bitmap's tree begins
  // with a node that is no leaf, which nothing here is large enough for, or is empty.
  [[nodiscard]] bool stops_linux() const;
  void change(std::uint64_t block, std::size_t offset, const std::vector<std::byte>& bytes);
  // What the block's checksum should be, as it is stored.
  [[nodiscard]] std::vector<std::byte> checksum(const Structure& structure) const;

 private:
  [[nodiscard]] std::uint64_t number(std::uint64_t block, std::size_t offset) const;

  std::vector<std::byte> content_;
};

}  // namespace sim::generate
