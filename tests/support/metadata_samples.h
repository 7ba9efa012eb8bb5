// SPDX-License-Identifier: GPL-2.0-or-later
// Clones' metadata as it is on disk, to be damaged; and what happens to a clone that is opened on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/rig/ending.h"

namespace test {

// A metadata block that is not all zeroes.
struct SampleBlock {
  std::uint64_t number;
  std::vector<std::byte> bytes;
  // What its checksum is xored with: tells its kind. None for a block that has no checksum of its own.
  std::optional<std::uint32_t> csum_xor;
};

struct Extent {
  std::uint64_t offset;  // bytes
  std::vector<std::byte> bytes;
};

struct SampleDisk {
  std::string name;
  std::uint64_t size_bytes;
  std::vector<Extent> extents;
};

struct MetadataSample {
  std::string name;
  // The scenario that made it: disks loop0 (metadata), loop1 (destination), loop2 (source), and device "c",
  // which is removed at its end.
  std::string setup;
  std::string create;  // the line that opens the clone again
  // A scenario that opens it, reads, writes, discards, commits, removes it and opens it again. It comes out
  // the same on a real kernel, whatever the moment.
  std::string use;
  std::uint64_t sectors;          // of the clone
  std::uint64_t region_sectors;   //
  std::vector<SampleDisk> disks;  // after the setup
  std::vector<SampleBlock> blocks;
};

// One of few regions; one whose bitset takes several array blocks; one after many commits; one whose metadata
// disk is nearly full. Made once in a process.
const std::vector<MetadataSample>& metadata_samples();
// For messages of tests.
void PrintTo(const MetadataSample& sample, std::ostream* out);

// Bytes that are changed behind everyone's back.
struct Poke {
  std::uint64_t block;
  std::size_t offset;  // in the block
  std::vector<std::byte> bytes;
};

// What must be poked into a block so that its checksum fits `bytes`, all of the block.
Poke checksum_poke(const SampleBlock& block, std::span<const std::byte> bytes);
// Both of them: a change, and the checksum that fits it.
std::vector<Poke> poke_with_checksum(const SampleBlock& block, std::size_t offset,
                                     const std::vector<std::byte>& bytes);

// How a machine got on with a damaged sample.
struct SampleRun {
  std::string transcript;
  Ending ending;
  std::set<std::uint64_t> blocks_read;  // of the metadata disk, before anything was written to them
};

// Puts the sample's disks into a new machine, changes the metadata, and runs a scenario of few commands.
SampleRun run_sample(const MetadataSample& sample, const std::vector<Poke>& pokes, std::string_view scenario);

// The whole as one scenario, which runs anywhere.
std::string damage_scenario(const MetadataSample& sample, const std::vector<Poke>& pokes);

}  // namespace test
