// SPDX-License-Identifier: GPL-2.0-or-later
// Metadata of which any byte was changed: it is refused, or read as the kernel reads it, and nothing crashes,
// breaks a rule or never ends.
//
// By default one byte in so many is changed; with DMSIM_EVERY_BYTE in the environment every one is (the tests
// with the label `long`).
#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dmcore/persistent/btree_format.h"

#include "dmclone/superblock.h"

#include "sim/language/parser.h"
#include "sim/metadata/geometry.h"
#include "sim/scenario/interpreter.h"

#include "tests/support/metadata_samples.h"
#include "tests/support/test_name.h"

namespace test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

class DamagedMetadata : public testing::TestWithParam<MetadataSample> {
 protected:
  // What happens to the sample undamaged: up to the moment when a damaged block is first read, nothing else.
  const SampleRun undamaged = run_sample(GetParam(), {}, GetParam().use);

  // Calls `damage(block, offset)` for each block and each byte of it, or for a part of them.
  template <class Damage>
  void for_each_byte(std::size_t one_in, Damage damage) {
    const std::size_t step = std::getenv("DMSIM_EVERY_BYTE") != nullptr ? 1 : one_in;
    std::size_t at = 0;
    for (const SampleBlock& block : GetParam().blocks) {
      for (std::size_t offset = 0; offset < block.bytes.size(); ++offset) {
        // What begins a block, and the first entries behind it, are tried more often.
        std::size_t here = offset < dense_bytes ? (step + dense_factor - 1) / dense_factor : step;
        // Blocks of older transactions, which nobody reads: a sample will do.
        if (!undamaged.blocks_read.contains(block.number)) here *= unread_factor;
        if (++at % here == 0) damage(block, offset);
        if (HasFatalFailure()) return;
      }
    }
  }
  static constexpr std::size_t dense_bytes = 256;
  static constexpr std::size_t dense_factor = 16;
  static constexpr std::size_t unread_factor = 64;

  static std::string where(const SampleBlock& block, std::size_t offset) {
    return "byte " + std::to_string(offset) + " of block " + std::to_string(block.number);
  }
};

INSTANTIATE_TEST_SUITE_P(Sample, DamagedMetadata, testing::ValuesIn(metadata_samples()),
                         [](const auto& info) { return test::with_underscores(info.param.name); });

TEST_P(DamagedMetadata, IsReadWellAsLongAsItIsNone) {
  EXPECT_EQ(undamaged.ending.kind, Ending::Kind::finished) << undamaged.ending.report;
  EXPECT_THAT(undamaged.transcript, Not(HasSubstr("log: ")));
  EXPECT_THAT(undamaged.transcript, Not(HasSubstr("error ")));
  // The superblock, the root of the bitset and an array block, the index and a bitmap.
  EXPECT_GE(undamaged.blocks_read.size(), 5U);
}

TEST_P(DamagedMetadata, IsReportedIfTheChecksumDoesNotFit) {
  for_each_byte(331, [&](const SampleBlock& block, std::size_t offset) {
    const std::vector<std::byte> value{block.bytes[offset] ^ std::byte{0x24}};
    const SampleRun run = run_sample(GetParam(), {{block.number, offset, value}}, GetParam().use);
    ASSERT_EQ(run.ending.kind, Ending::Kind::finished) << where(block, offset) << run.ending.report;
    if (undamaged.blocks_read.contains(block.number)) {
      ASSERT_THAT(run.transcript,
                  AnyOf(HasSubstr("check failed: csum "), HasSubstr("check failed: blocknr "),
                        HasSubstr("check failed: magic "), HasSubstr("check failed: checksum ")))
          << where(block, offset);
    } else {
      ASSERT_EQ(run.transcript, undamaged.transcript) << where(block, offset);
    }
  });
}

TEST_P(DamagedMetadata, BreaksNothingIfTheChecksumFits) {
  constexpr std::byte low{0x01};
  constexpr std::byte high{0x80};
  constexpr std::byte all{0xff};
  for_each_byte(1499, [&](const SampleBlock& block, std::size_t offset) {
    if (!block.csum_xor) return;
    const std::byte before = block.bytes[offset];
    for (const std::byte value : {before ^ low, before ^ high, before ^ all, std::byte{0}, std::byte{2}}) {
      if (value == before) continue;
      const auto pokes = poke_with_checksum(block, offset, {value});
      const SampleRun run = run_sample(GetParam(), pokes, GetParam().use);
      ASSERT_EQ(run.ending.kind, Ending::Kind::finished)
          << where(block, offset) << " becomes " << std::to_integer<int>(value) << ": " << run.ending.report;
      if (!undamaged.blocks_read.contains(block.number)) {
        ASSERT_EQ(run.transcript, undamaged.transcript) << where(block, offset);
      }
    }
  });
}

TEST_P(DamagedMetadata, IsTakenTheSameWayEachTime) {
  for_each_byte(4001, [&](const SampleBlock& block, std::size_t offset) {
    const auto pokes = poke_with_checksum(block, offset, {block.bytes[offset] ^ std::byte{0x11}});
    const SampleRun once = run_sample(GetParam(), pokes, GetParam().use);
    const SampleRun again = run_sample(GetParam(), pokes, GetParam().use);
    ASSERT_EQ(once.transcript, again.transcript) << where(block, offset);
  });
}

// More array blocks than one node of the bitset's tree has room for: the tree has an inner node. Linux stops
// on this (docs/findings.md).
TEST(DamagedMetadataOfALargeClone, IsRefusedIfALeafOfTheBitsetIsDamaged) {
  constexpr const char* create =
      "dmsetup create c --table \"0 66000000 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration\"\n";
  std::string transcript;
  sim::Machine machine;
  sim::scenario::Interpreter interpreter(
      machine, {.directory = {}, .save_directory = {}, .echo = false},
      [&](std::string_view line) { transcript.append(line).push_back('\n'); });
  const auto run = [&](const std::string& text) {
    interpreter.run(sim::language::parse_scenario(text).scenario.commands);
  };
  run(std::string("disk loop0 8M\ndisk loop1 66000000s\ndisk loop2 66000000s\n") + create +
      "dmsetup remove c\n");
  ASSERT_EQ(transcript, "");

  const auto number_at = [&](std::uint64_t offset) {
    dmcore::le64 number;
    EXPECT_TRUE(
        machine.disk("loop0")->store().read(offset, std::as_writable_bytes(std::span(&number, 1))).ok());
    return number.value();
  };
  const std::uint64_t root =
      number_at(offsetof(dmclone::SuperblockDisk, bitset_root)) * sim::metadata::block_bytes;
  const std::uint64_t entries = number_at(root + offsetof(dmcore::BtreeNodeHeaderDisk, nr_entries));
  ASSERT_EQ(entries & 0xffffffffU, 2U);  // two leaves
  const std::uint64_t max_entries = entries >> 32U;
  const std::uint64_t leaf =
      number_at(root + sizeof(dmcore::BtreeNodeHeaderDisk) + max_entries * sizeof(std::uint64_t));
  const std::array<std::byte, 1> damage{std::byte{0xff}};
  ASSERT_TRUE(machine.disk("loop0")->poke(leaf * sim::metadata::block_bytes + 2000, damage).ok());
  run(create);
  EXPECT_THAT(transcript, HasSubstr(fmt::format("btree_node validator check failed for block {}", leaf)));
  EXPECT_THAT(transcript, HasSubstr("Failed to load metadata (-EILSEQ)"));
}

}  // namespace
}  // namespace test
