// SPDX-License-Identifier: GPL-2.0-or-later
// docs/formats.md against the headers: each structure, each field's offset and size, each constant.
#include <array>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "dmcore/dm/ioctl_format.h"
#include "dmcore/persistent/array_format.h"
#include "dmcore/persistent/btree_format.h"
#include "dmcore/persistent/btree_node.h"
#include "dmcore/persistent/space_map_bitmap.h"
#include "dmcore/persistent/space_map_format.h"

#include "dmclone/clone_target.h"
#include "dmclone/metadata.h"
#include "dmclone/superblock.h"

#include "sim/clone/label_format.h"

#include "tests/support/markdown.h"

namespace {

using test::Table;

struct Field {
  std::uint64_t offset;
  std::uint64_t size;
};
struct Structure {
  std::uint64_t size = 0;
  std::map<std::string, Field> fields;
};
using Structures = std::map<std::string, Structure>;
using Constants = std::map<std::string, std::uint64_t>;

constexpr auto headers = std::to_array<const char*>(
    {"dmclone/superblock.h", "dmcore/persistent/array_format.h", "dmcore/persistent/btree_format.h",
     "dmcore/persistent/space_map_format.h", "dmcore/dm/ioctl_format.h", "sim/clone/label_format.h"});

// NOLINTBEGIN(bugprone-macro-parentheses): types and members
#define FIELD(structure, field)                                            \
  {                                                                        \
#field, {                                                              \
      offsetof(structure, field), sizeof(std::declval<structure&>().field) \
    }                                                                      \
  }
// NOLINTEND(bugprone-macro-parentheses)

Structures on_disk() {
  using namespace dmcore;   // NOLINT: a list of names
  using namespace dmclone;  // NOLINT
  using sim::clone::LabelDisk;
  return {
      {"LabelDisk",
       {sizeof(LabelDisk),
        {FIELD(LabelDisk, csum), FIELD(LabelDisk, version), FIELD(LabelDisk, magic), FIELD(LabelDisk, token),
         FIELD(LabelDisk, state), FIELD(LabelDisk, source_bytes), FIELD(LabelDisk, source_mtime_ns),
         FIELD(LabelDisk, region_size)}}},
      {"SuperblockDisk",
       {sizeof(SuperblockDisk),
        {FIELD(SuperblockDisk, csum), FIELD(SuperblockDisk, flags), FIELD(SuperblockDisk, blocknr),
         FIELD(SuperblockDisk, uuid), FIELD(SuperblockDisk, magic), FIELD(SuperblockDisk, version),
         FIELD(SuperblockDisk, metadata_space_map_root), FIELD(SuperblockDisk, region_size),
         FIELD(SuperblockDisk, target_size), FIELD(SuperblockDisk, bitset_root)}}},
      {"BtreeNodeHeaderDisk",
       {sizeof(BtreeNodeHeaderDisk),
        {FIELD(BtreeNodeHeaderDisk, csum), FIELD(BtreeNodeHeaderDisk, flags),
         FIELD(BtreeNodeHeaderDisk, blocknr), FIELD(BtreeNodeHeaderDisk, nr_entries),
         FIELD(BtreeNodeHeaderDisk, max_entries), FIELD(BtreeNodeHeaderDisk, value_size),
         FIELD(BtreeNodeHeaderDisk, padding)}}},
      {"ArrayBlockDisk",
       {sizeof(ArrayBlockDisk),
        {FIELD(ArrayBlockDisk, csum), FIELD(ArrayBlockDisk, max_entries), FIELD(ArrayBlockDisk, nr_entries),
         FIELD(ArrayBlockDisk, value_size), FIELD(ArrayBlockDisk, blocknr)}}},
      {"SpaceMapRootDisk",
       {sizeof(SpaceMapRootDisk),
        {FIELD(SpaceMapRootDisk, nr_blocks), FIELD(SpaceMapRootDisk, nr_allocated),
         FIELD(SpaceMapRootDisk, bitmap_root), FIELD(SpaceMapRootDisk, ref_count_root)}}},
      {"MetadataIndexDisk",
       {sizeof(MetadataIndexDisk),
        {FIELD(MetadataIndexDisk, csum), FIELD(MetadataIndexDisk, padding), FIELD(MetadataIndexDisk, blocknr),
         FIELD(MetadataIndexDisk, index)}}},
      {"IndexEntryDisk",
       {sizeof(IndexEntryDisk),
        {FIELD(IndexEntryDisk, blocknr), FIELD(IndexEntryDisk, nr_free),
         FIELD(IndexEntryDisk, none_free_before)}}},
      {"BitmapHeaderDisk",
       {sizeof(BitmapHeaderDisk),
        {FIELD(BitmapHeaderDisk, csum), FIELD(BitmapHeaderDisk, not_used),
         FIELD(BitmapHeaderDisk, blocknr)}}},
  };
}

Structures of_the_control_interface() {
  using namespace dmcore::ioctl;  // NOLINT
  return {
      {"IoctlHeader",
       {sizeof(IoctlHeader),
        {FIELD(IoctlHeader, version), FIELD(IoctlHeader, data_size), FIELD(IoctlHeader, data_start),
         FIELD(IoctlHeader, target_count), FIELD(IoctlHeader, open_count), FIELD(IoctlHeader, flags),
         FIELD(IoctlHeader, event_nr), FIELD(IoctlHeader, padding), FIELD(IoctlHeader, dev),
         FIELD(IoctlHeader, name), FIELD(IoctlHeader, uuid), FIELD(IoctlHeader, data)}}},
      {"TargetSpec",
       {sizeof(TargetSpec),
        {FIELD(TargetSpec, sector_start), FIELD(TargetSpec, length), FIELD(TargetSpec, status),
         FIELD(TargetSpec, next), FIELD(TargetSpec, target_type)}}},
      {"TargetDeps", {sizeof(TargetDeps), {FIELD(TargetDeps, count), FIELD(TargetDeps, padding)}}},
      {"NameListEntry", {sizeof(NameListEntry), {FIELD(NameListEntry, dev), FIELD(NameListEntry, next)}}},
      {"TargetVersions",
       {sizeof(TargetVersions), {FIELD(TargetVersions, next), FIELD(TargetVersions, version)}}},
      {"TargetMessage", {sizeof(TargetMessage), {FIELD(TargetMessage, sector)}}},
  };
}
#undef FIELD

Structures structures() {
  Structures all = on_disk();
  all.merge(of_the_control_interface());
  return all;
}

#define CONSTANT(name) \
  { #name, static_cast < std::uint64_t>(name) }

Constants constants_on_disk() {
  using namespace dmcore;      // NOLINT
  using namespace dmclone;     // NOLINT
  using namespace sim::clone;  // NOLINT
  return {CONSTANT(label_bytes),
          CONSTANT(label_version),
          CONSTANT(label_csum_xor),
          CONSTANT(token_bytes),
          CONSTANT(superblock_location),
          CONSTANT(superblock_magic),
          CONSTANT(superblock_csum_xor),
          CONSTANT(metadata_version_min),
          CONSTANT(metadata_version_max),
          CONSTANT(uuid_bytes),
          CONSTANT(space_map_root_bytes),
          CONSTANT(btree_csum_xor),
          CONSTANT(btree_internal_node),
          CONSTANT(btree_leaf_node),
          CONSTANT(array_csum_xor),
          CONSTANT(index_csum_xor),
          CONSTANT(bitmap_csum_xor),
          CONSTANT(max_metadata_bitmaps),
          CONSTANT(bitmap_entries_per_byte),
          CONSTANT(bitmap_count_in_tree),
          CONSTANT(metadata_block_sectors),
          CONSTANT(metadata_max_sectors),
          CONSTANT(metadata_max_sectors_warning),
          CONSTANT(min_region_size),
          CONSTANT(max_region_size),
          CONSTANT(max_regions)};
}

Constants constants_of_the_control_interface() {
  using namespace dmcore::ioctl;  // NOLINT
  return {CONSTANT(target_type_size),
          CONSTANT(name_size),
          CONSTANT(uuid_size),
          CONSTANT(version_major),
          CONSTANT(version_minor),
          CONSTANT(version_patch),
          CONSTANT(flag_readonly),
          CONSTANT(flag_suspend),
          CONSTANT(flag_persistent_dev),
          CONSTANT(flag_status_table),
          CONSTANT(flag_active_present),
          CONSTANT(flag_inactive_present),
          CONSTANT(flag_buffer_full),
          CONSTANT(flag_skip_bdget),
          CONSTANT(flag_skip_lockfs),
          CONSTANT(flag_noflush),
          CONSTANT(flag_query_inactive_table),
          CONSTANT(flag_uevent_generated),
          CONSTANT(flag_uuid),
          CONSTANT(flag_secure_data),
          CONSTANT(flag_data_out),
          CONSTANT(flag_deferred_remove),
          CONSTANT(flag_internal_suspend),
          CONSTANT(flag_ima_measurement),
          CONSTANT(minimum_data_size),
          CONSTANT(name_list_name_offset),
          CONSTANT(name_list_has_uuid),
          CONSTANT(name_list_has_no_uuid)};
}
#undef CONSTANT

Constants constants() {
  Constants all = constants_on_disk();
  all.merge(constants_of_the_control_interface());
  return all;
}

const std::vector<Table>& page_tables() {
  static const std::vector<Table> found = test::tables(test::read_page("docs/formats.md"));
  return found;
}

std::string at(const Table::Row& row) {
  return "docs/formats.md:" + std::to_string(row.line);
}

// The one name between backticks that a cell holds; empty if it holds none.
std::string name_in(const std::string& cell) {
  const std::vector<std::string> spans = test::code_spans(cell);
  return spans.empty() ? std::string() : spans.front();
}

std::set<std::string> matches(const std::string& text, const char* pattern) {
  std::set<std::string> found;
  const std::regex regex(pattern);
  for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it) found.insert((*it)[1]);
  return found;
}

// A structure's table: the fields lie one behind the other, and up to the end but for `tail_padding`.
void expect_table_is(const Table& table, const std::string& name, const Structure& structure) {
  static const std::regex heading_size(R"(\((\d+) bytes\))");
  std::smatch said;
  ASSERT_TRUE(std::regex_search(table.heading, said, heading_size))
      << "docs/formats.md: the heading '" << table.heading << "' says no size";
  EXPECT_EQ(std::stoull(said[1]), structure.size) << "docs/formats.md: size of " << name;
  std::set<std::string> documented;
  std::uint64_t end = 0;
  for (const Table::Row& row : table.rows) {
    ASSERT_EQ(row.cells.size(), 4U) << at(row);
    const std::string field = name_in(row.cells[2]);
    const auto real = structure.fields.find(field);
    ASSERT_NE(real, structure.fields.end()) << at(row) << ": " << name << " has no field '" << field << "'";
    EXPECT_EQ(std::stoull(row.cells[0]), real->second.offset)
        << at(row) << ": offset of " << name << "::" << field;
    EXPECT_EQ(std::stoull(row.cells[1]), real->second.size)
        << at(row) << ": size of " << name << "::" << field;
    EXPECT_EQ(real->second.offset, end)
        << at(row) << ": " << name << "::" << field << " is out of order, or the "
        << "field before it is missing";
    end = real->second.offset + real->second.size;
    documented.insert(field);
  }
  for (const auto& [field, where] : structure.fields) {
    EXPECT_TRUE(documented.contains(field)) << "docs/formats.md: " << name << "::" << field << " is missing";
  }
}

TEST(DocsFormats, TablesOfFieldsAreTheHeaders) {
  Structures missing = structures();
  for (const Table& table : page_tables()) {
    if (table.header.empty() || table.header[0] != "offset") continue;
    ASSERT_EQ(table.header, (std::vector<std::string>{"offset", "size", "field", "meaning"}))
        << table.heading;
    const std::string name = name_in(table.heading);
    const auto it = missing.find(name);
    ASSERT_NE(it, missing.end()) << "docs/formats.md: '" << name
                                 << "' is no structure of the headers, or has two tables";
    expect_table_is(table, name, it->second);
    missing.erase(it);
  }
  for (const auto& [name, structure] : missing) ADD_FAILURE() << "docs/formats.md has no table for " << name;
}

TEST(DocsFormats, ConstantsAreTheHeaders) {
  Constants missing = constants();
  for (const Table& table : page_tables()) {
    if (table.header != std::vector<std::string>{"constant", "value", "meaning"}) continue;
    for (const Table::Row& row : table.rows) {
      ASSERT_GE(row.cells.size(), 2U) << at(row);
      const std::string name = name_in(row.cells[0]);
      const auto it = missing.find(name);
      ASSERT_NE(it, missing.end()) << at(row) << ": the headers have no constant '" << name
                                   << "', or it is in two rows";
      EXPECT_EQ(std::stoull(row.cells[1], nullptr, 0), it->second) << at(row) << ": " << name;
      missing.erase(it);
    }
  }
  for (const auto& [name, value] : missing)
    ADD_FAILURE() << "docs/formats.md does not name the constant " << name;
}

TEST(DocsFormats, CommandsAreTheHeaders) {
  std::set<std::string> in_header;
  static const std::regex enumerator(R"(^  (\w+) = (\d+),)");
  for (const std::string& line : test::lines(test::read_page("dmcore/dm/ioctl_format.h"))) {
    std::smatch match;
    if (std::regex_search(line, match, enumerator)) in_header.insert(match[1].str() + " " + match[2].str());
  }
  std::set<std::string> on_page;
  for (const Table& table : page_tables()) {
    if (table.header.empty() || table.header[0] != "command") continue;
    for (const Table::Row& row : table.rows) on_page.insert(name_in(row.cells.at(0)) + " " + row.cells.at(1));
  }
  ASSERT_FALSE(in_header.empty());
  EXPECT_EQ(on_page, in_header);
}

// So that the lists above, which name every field, cannot be forgotten either.
TEST(DocsFormats, NothingInTheHeadersIsLeftOut) {
  const Structures known = structures();
  const Constants known_constants = constants();
  for (const char* header : headers) {
    const std::string text = test::read_page(header);
    for (const std::string& name : matches(text, R"(\nstruct (\w+) \{)")) {
      ASSERT_TRUE(known.contains(name)) << header << ": " << name << " is unknown to this test";
      const std::size_t begin = text.find("\nstruct " + name + " {");
      const std::string body = text.substr(begin, text.find("\n};", begin) - begin);
      for (const std::string& field : matches(body, R"(\n  [\w:<>, ]+ (\w+)(?:\[\w+\])?;)")) {
        EXPECT_TRUE(known.at(name).fields.contains(field))
            << header << ": " << name << "::" << field << " is unknown to this test";
        const std::string assertion = fmt::format("static_assert(offsetof({}, {}) == ", name, field);
        EXPECT_NE(text.find(assertion), std::string::npos)
            << header << ": the offset of " << name << "::" << field << " is not asserted";
      }
      EXPECT_NE(text.find("static_assert(sizeof(" + name + ") == "), std::string::npos)
          << header << ": the size of " << name << " is not asserted";
    }
    for (const std::string& name : matches(text, R"(\ninline constexpr [\w:]+ (\w+) = )")) {
      EXPECT_TRUE(known_constants.contains(name)) << header << ": " << name << " is unknown to this test";
    }
  }
}

// What the prose says of a block's capacity.
TEST(DocsFormats, CapacitiesAreWhatTheCodeComputes) {
  const std::string page = test::read_page("docs/formats.md");
  const auto says = [&](const std::string& text) {
    EXPECT_NE(page.find(text), std::string::npos) << "docs/formats.md should say: " << text;
  };
  constexpr std::size_t block = dmcore::to_bytes(dmclone::metadata_block_sectors);
  says("**blocks of " + std::to_string(block) + " bytes**");
  says("8 bytes, " + std::to_string(dmcore::btree_max_entries(8, block)) + " entries");
  says("4 bytes, " + std::to_string(dmcore::btree_max_entries(4, block)) + " entries");
  const std::size_t words = (block - sizeof(dmcore::ArrayBlockDisk)) / sizeof(dmcore::le64);
  says(std::to_string(words) + " × 64 = " + std::to_string(words * dmcore::DiskBitset::bits_per_word) +
       " regions");
  const auto bits = dmcore::SpaceMapBitmap::entries_per_block(block);
  says("4080 × 4 = " + std::to_string(bits) + " blocks");
  EXPECT_EQ(dmcore::MetadataSpaceMap::max_blocks, dmcore::max_metadata_bitmaps * std::uint64_t{bits});
}

}  // namespace
