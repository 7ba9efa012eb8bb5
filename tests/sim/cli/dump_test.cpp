// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim dump and dmsim restore: what they print and write, and what they refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/cli/dump/dump_text.h"
#include "sim/cli/failure.h"

#include "tests/sim/cli/metadata_program.h"

namespace {

using test::Ended;
using testing::HasSubstr;
using testing::StartsWith;

class DumpProgram : public test::MetadataProgram {};

// A dump without a layout.
const std::string small_xml =
    "<superblock uuid=\"\" version=\"1\" flags=\"0\" region_size=\"8\" target_size=\"1000\" "
    "nr_regions=\"125\">\n"
    "  <hydrated begin=\"0\" length=\"1\" />\n"
    "  <hydrated begin=\"3\" length=\"1\" />\n"
    "</superblock>\n";

TEST_F(DumpProgram, PrintsXml) {
  const Ended ended = dmsim.run({"dump", "clean"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.err, "");
  const std::size_t layout = ended.out.find("  <layout ");
  ASSERT_NE(layout, std::string::npos);
  const std::size_t end = ended.out.find('\n', layout) + 1;
  EXPECT_THAT(ended.out.substr(layout, end - layout),
              testing::MatchesRegex("  <layout device_size=\"8192\" nr_blocks=\"1024\" nr_allocated=\"6\" "
                                    "bitset_root=\"[0-9]+\" index_block=\"[0-9]+\" ref_count_root=\"2\" "
                                    "digest=\"0x[0-9a-f]{16}\" />\n"));
  EXPECT_EQ(std::string(ended.out).erase(layout, end - layout), small_xml);
}

TEST_F(DumpProgram, PrintsJsonWithTheSameNames) {
  const auto dump = nlohmann::json::parse(dmsim.run({"dump", "--json", "clean"}).out);
  auto rest = dump;
  rest.erase("layout");
  EXPECT_EQ(rest, nlohmann::json::parse(R"({"uuid": "", "version": 1, "flags": 0, "region_size": 8,
    "target_size": 1000, "nr_regions": 125, "lost": [],
    "hydrated": [{"begin": 0, "length": 1}, {"begin": 3, "length": 1}]})"));
  EXPECT_EQ(dump["layout"]["device_size"], 8192);
  EXPECT_EQ(dump["layout"]["nr_allocated"], 6);
}

TEST_F(DumpProgram, WritesAFile) {
  const Ended ended = dmsim.run({"dump", "-o", "dump.xml", "clean"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out, "");
  EXPECT_EQ(dmsim.content_of("dump.xml"), dmsim.run({"dump", "clean"}).out);
  EXPECT_EQ(dmsim.run({"dump", "-o", "none/dump.xml", "clean"}).err,
            "dmsim: cannot write none/dump.xml: No such file or directory\n");
  EXPECT_EQ(dmsim.run({"dump", "-o", "/dev/full", "clean"}).status, 1);
}

TEST_F(DumpProgram, RefusesDamageWithTheFindings) {
  const Ended ended = dmsim.run({"dump", "-o", "dump.xml", "damaged"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out, "");
  EXPECT_FALSE(exists("dump.xml"));
  EXPECT_THAT(ended.err, StartsWith("damaged: block " + std::to_string(damaged_block) + ": checksum "));
  EXPECT_THAT(ended.err,
              testing::EndsWith("dmsim: damaged: not dumped; --repair dumps what can be proven\n"));
}

TEST_F(DumpProgram, DumpsWhatCanBeProven) {
  const Ended ended = dmsim.run({"dump", "--repair", "damaged"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.out, HasSubstr("  <hydrated begin=\"32500\" length=\"1\" />\n"
                                   "  <hydrated begin=\"97500\" length=\"1\" />\n"
                                   "  <lost begin=\"32576\" length=\"32576\" />\n"));
  EXPECT_THAT(ended.err, testing::EndsWith("dmsim: damaged: 32576 of 130000 regions are lost\n"));
  const auto json = nlohmann::json::parse(dmsim.run({"dump", "-r", "--json", "damaged"}).out);
  EXPECT_EQ(json["lost"], nlohmann::json::parse(R"([{"begin": 32576, "length": 32576}])"));
}

TEST_F(DumpProgram, TakesLeaksForNoDamage) {
  const Ended ended = dmsim.run({"dump", "leak"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.err, "");
}

TEST_F(DumpProgram, NeedsASuperblock) {
  for (const auto& words : {std::vector<std::string>{"dump"}, {"dump", "--repair"}}) {
    auto all = words;
    all.emplace_back("without-superblock");
    const Ended ended = dmsim.run(all);
    EXPECT_EQ(ended.status, 1);
    EXPECT_EQ(ended.out, "");
    EXPECT_THAT(ended.err, HasSubstr("dmsim: without-superblock: nothing can be dumped"));
  }
  dmsim.file("zeroes", std::string(65536, '\0'));
  EXPECT_EQ(dmsim.run({"dump", "zeroes"}).status, 1);
}

TEST_F(DumpProgram, NamesAFileThatCannotBeOpened) {
  const Ended ended = dmsim.run({"dump", "none"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.err, "dmsim: none: No such file or directory\n");
}

TEST_F(DumpProgram, AndRestoreGiveTheSameFile) {
  const Ended first = dmsim.shell(
      "printf 'disk loop0 64K\\ndisk loop1 1M\\ndisk loop2 1M\\n"
      "dmsetup create c --table \"0 2048 clone /dev/loop0 /dev/loop1 /dev/loop2 8 1 no_hydration\"\\n"
      "write c 17 2 B\\ndiscard c 1600 16\\nflush c\\ndmsetup remove c\\nsave loop0 one\\n' | dmsim replay - "
      ">out");
  EXPECT_EQ(first.status, 0) << first.err;
  const Ended ended = dmsim.shell("dmsim dump one | dmsim restore -i - -o copy && cmp one copy");
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.out,
            "copy: 3 of 256 regions hydrated; formatted, then 1 commit\n"
            "  the blocks in use are those of the dumped device, byte for byte\n");
  EXPECT_EQ(dmsim.shell("dmsim dump --json one | dmsim restore -q -i - -o copy2 && cmp one copy2").status, 0);
}

TEST_F(DumpProgram, RestoreSaysWhyNot) {
  const Ended ended = dmsim.shell("dmsim dump large | dmsim restore -i - -o copy; dmsim check -q copy");
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out,
              HasSubstr("  the blocks in use are not those of the dumped device: its blocks are at "));
  EXPECT_THAT(dmsim.shell("dmsim dump -r damaged | dmsim restore -i - -o copy").out,
              HasSubstr("  32576 regions are not hydrated because the dump calls them lost\n"));
}

TEST_F(DumpProgram, RestoreTakesADumpWithoutALayout) {
  dmsim.file("dump.xml", small_xml);
  const Ended ended = dmsim.run({"restore", "-i", "dump.xml", "-o", "copy"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out,
            "copy: 2 of 125 regions hydrated; formatted, then 1 commit\n"
            "  the dump does not say where the blocks were\n");
  EXPECT_EQ(dmsim.content_of("copy").size(), 40960U);
  EXPECT_EQ(dmsim.run({"restore", "-q", "-i", "dump.xml", "-o", "copy", "--size", "1M"}).out, "");
  EXPECT_EQ(dmsim.content_of("copy").size(), 1U << 20);
}

TEST_F(DumpProgram, RestoreLeavesTheOldFileIfItFails) {
  dmsim.file("dump.xml", small_xml);
  dmsim.file("copy", "old");
  const Ended small = dmsim.run({"restore", "-i", "dump.xml", "-o", "copy", "--size", "8K"});
  EXPECT_EQ(small.status, 1);
  EXPECT_THAT(small.err,
              StartsWith("dmsim: dump.xml: 16 sectors are too small for the metadata: formatting it "));
  EXPECT_EQ(dmsim.run({"restore", "-i", "none", "-o", "copy"}).status, 2);
  dmsim.file("half.xml", small_xml.substr(0, 150));
  EXPECT_EQ(dmsim.run({"restore", "-i", "half.xml", "-o", "copy"}).status, 2);
  EXPECT_EQ(dmsim.shell("ulimit -f 8; dmsim restore -i dump.xml -o copy").status, 1);
  EXPECT_EQ(dmsim.content_of("copy"), "old");
}

TEST_F(DumpProgram, RestoreRefusesDevicesAndItsInput) {
  dmsim.file("dump.xml", small_xml);
  EXPECT_EQ(dmsim.run({"restore", "-i", "dump.xml", "-o", "dump.xml"}).err,
            "dmsim: dump.xml: is the input, which stays as it is\n");
  EXPECT_EQ(dmsim.content_of("dump.xml"), small_xml);
  EXPECT_EQ(dmsim.run({"restore", "-i", "dump.xml", "-o", "/dev/null"}).err,
            "dmsim: /dev/null: is no file; write a file, check it, and copy it to the device\n");
}

// --- dumps that are wrong ---

std::string refused(const std::string& text) {
  try {
    sim::cli::read_dump("d", text);
  } catch (const sim::cli::Failure& failure) {
    EXPECT_EQ(failure.status(), sim::cli::ExitStatus::mistake);
    return failure.what();
  }
  return "";
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string refused_with(const std::string& from, const std::string& to) {
  return refused(with(small_xml, from, to));
}

TEST(DumpText, IsReadAsItIsWritten) {
  for (const char* name : {"small", "many-array-blocks"}) {
    sim::metadata::Contents contents = sim::cli::read_dump("d", small_xml);
    contents.uuid = {1, 2, 0xff};
    contents.flags = 0xffffffff;
    contents.lost.append(100, 25);
    contents.layout = {1, 2, 3, 4, 5, 6, 0xffffffffffffffff};
    EXPECT_EQ(sim::cli::read_dump("d", sim::cli::xml_of(contents)), contents) << name;
    EXPECT_EQ(sim::cli::read_dump("d", sim::cli::json_of(contents)), contents) << name;
  }
}

TEST(DumpText, IsRefusedWithTheLine) {
  EXPECT_EQ(refused(small_xml), "");
  EXPECT_EQ(refused(""), "d:1: no XML: No document element found");
  EXPECT_EQ(refused(small_xml + small_xml), "d:5: there is more behind the superblock");
  EXPECT_THAT(refused(small_xml.substr(0, 150)), StartsWith("d:3: no XML: "));
  EXPECT_EQ(refused("<thin/>"), "d:1: no dump of metadata: begins with 'thin', expected 'superblock'");
  EXPECT_EQ(refused_with(" length=\"1\"", ""), "d:2: length is missing");
  EXPECT_EQ(refused_with("begin=\"3\"", "begin=\"3x\""), "d:3: begin is not a number: '3x'");
  EXPECT_EQ(refused_with("begin=\"3\"", "begin=\"-3\""), "d:3: begin is not a number: '-3'");
  EXPECT_EQ(refused_with("begin=\"3\"", "begin=\"\""), "d:3: begin is not a number: ''");
  EXPECT_EQ(refused_with("begin=\"3\"", "begin=\"125\""),
            "d:3: 1 regions from 125 on are not in a clone of 125");
  EXPECT_EQ(refused_with("begin=\"3\" length=\"1\"", "begin=\"3\" length=\"18446744073709551615\""),
            "d:3: 18446744073709551615 regions from 3 on are not in a clone of 125");
  EXPECT_EQ(refused_with("length=\"1\"", "length=\"0\""), "d:2: length is 0");
  EXPECT_EQ(refused_with("begin=\"3\"", "begin=\"0\""), "d:3: begin is 0, but the range before ends at 1");
  EXPECT_EQ(refused_with("<hydrated", "<hydratd"), "d:2: 'hydratd' is unknown");
  EXPECT_EQ(refused_with("<hydrated", "<lost begin=\"3\" length=\"2\"/><hydrated"),
            "d: region 3 is both hydrated and lost");
  EXPECT_EQ(refused_with("version=\"1\"", "version=\"2\""), "d:1: version 2 is unknown");
  EXPECT_EQ(refused_with("flags=\"0\"", "flags=\"4294967296\""), "d:1: flags is too large: 4294967296");
  EXPECT_EQ(refused_with("uuid=\"\"", "uuid=\"12\""), "d:1: uuid is not 32 hexadecimal digits: '12'");
  EXPECT_EQ(refused_with("region_size=\"8\"", "region_size=\"9\""),
            "d:1: there is no clone of 1000 sectors with regions of 9: Region size is not a power of 2");
  EXPECT_EQ(refused_with("nr_regions=\"125\"", "nr_regions=\"126\""),
            "d:1: nr_regions is 126, but these sizes give 125");
  EXPECT_EQ(refused_with("<hydrated", "<layout device_size=\"9999999999999\"/><hydrated"),
            "d:2: device_size is too large: 9999999999999");
  EXPECT_THAT(refused_with("<hydrated", "text<hydrated"), HasSubstr("is unknown"));
}

TEST(DumpText, OfJsonIsRefusedWithThePlace) {
  const std::string json = sim::cli::json_of(sim::cli::read_dump("d", small_xml));
  EXPECT_EQ(refused(json), "");
  EXPECT_THAT(refused(json.substr(0, 60)), StartsWith("d: no JSON: "));
  EXPECT_EQ(refused("{}"), "d: version is missing");
  EXPECT_EQ(refused(with(json, "\"begin\": 3", "\"begin\": 3.5")),
            "d: hydrated[1]: begin is not a number: '3.5'");
  EXPECT_EQ(refused(with(json, "\"begin\": 3", "\"begin\": 500")),
            "d: hydrated[1]: 1 regions from 500 on are not in a clone of 125");
  EXPECT_EQ(refused(with(json, "\"hydrated\"", "\"hydratd\"")), "d: 'hydratd' is unknown");
  EXPECT_EQ(refused(with(json, "\"lost\": []", "\"lost\": 1")), "d: lost is no array");
  EXPECT_EQ(refused(with(json, "\"lost\": []", "\"lost\": [1]")), "d: lost[0]: is no object");
  EXPECT_EQ(refused(with(json, "\"lost\": []", "\"layout\": []")), "d: layout: is no object");
}

}  // namespace
