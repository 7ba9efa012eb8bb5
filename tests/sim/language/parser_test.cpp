// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/language/parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace sim::language {
namespace {

using std::chrono::milliseconds;

template <class T>
T parsed_as(std::string_view text) {
  const ParseResult result = parse_scenario(text);
  EXPECT_TRUE(result.ok()) << format_diagnostic("test", text, result.diagnostics.front());
  return std::get<T>(result.scenario.commands.back().body);
}

// "LINE:COLUMN" of each error.
std::vector<std::string> errors_of(std::string_view text) {
  std::vector<std::string> places;
  for (const Diagnostic& d : parse_scenario(text).diagnostics) {
    if (d.severity == Diagnostic::Severity::error) {
      places.push_back(std::to_string(d.where.line) + ":" + std::to_string(d.where.column));
    }
  }
  return places;
}

using Places = std::vector<std::string>;

TEST(Parser, SizesHaveUnitsAndCountSectorsWithout) {
  EXPECT_EQ(parsed_as<DiskCommand>("disk loop0 4M").size_bytes, 4U << 20);
  EXPECT_EQ(parsed_as<DiskCommand>("disk loop0 9s").size_bytes, 9U * 512);
  EXPECT_EQ(parsed_as<DiskCommand>("disk loop0 9").size_bytes, 9U * 512);
  EXPECT_EQ(parsed_as<DiskCommand>("disk loop0 2T").size_bytes, std::uint64_t{2} << 40);
}

TEST(Parser, WordsOfNoTextMakeACommandAsTheyAre) {
  const ParseResult result = parse_words({"disk", "loop0", "4M", "file=/tmp/a b;'c # d"});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(std::get<DiskCommand>(result.scenario.commands.at(0).body).file, "/tmp/a b;'c # d");
}

TEST(Parser, WordsOfNoTextAreNoBackground) {
  EXPECT_FALSE(parse_words({"disk", "loop0", "4M", "&"}).ok());
}

TEST(Parser, WordsOfNoTextCanBeWrong) {
  const ParseResult result = parse_words({"disk", "loop0", "4M", "latency=x"});
  EXPECT_FALSE(result.ok());
  EXPECT_TRUE(result.scenario.commands.empty());
}

TEST(Parser, DisksTakeOptions) {
  const auto disk = parsed_as<DiskCommand>(
      "disk src 1M discard=off logical_block_size=4096 ro read_latency=20ms write_latency=1.5us "
      "bandwidth=200M");
  EXPECT_FALSE(disk.discard);
  EXPECT_EQ(disk.logical_block_size, 4096U);
  EXPECT_TRUE(disk.read_only);
  EXPECT_EQ(disk.read_latency, milliseconds(20));
  EXPECT_EQ(disk.write_latency, std::chrono::nanoseconds(1500));
  EXPECT_EQ(disk.bytes_per_second, std::uint64_t{200} << 20);
}

TEST(Parser, ADiscardCanBeLimited) {
  const auto disk = parsed_as<DiskCommand>("disk a 1M discard=64K");
  EXPECT_TRUE(disk.discard);
  EXPECT_EQ(disk.discard_max_bytes, std::uint64_t{64} << 10);
  EXPECT_FALSE(parse_scenario("disk a 1M discard=1").ok());
  EXPECT_FALSE(parse_scenario("disk a 1M discard=maybe").ok());
}

TEST(Parser, ADiskInAFileNeedsNoSize) {
  const auto disk = parsed_as<DiskCommand>("disk src file=image ro");
  EXPECT_EQ(disk.file, "image");
  EXPECT_EQ(disk.size_bytes, std::nullopt);
}

TEST(Parser, DmsetupTakesAnyWords) {
  EXPECT_EQ(parsed_as<DmsetupCommand>("dmsetup create a --table '0 8 zero'").arguments,
            (std::vector<std::string>{"create", "a", "--table", "0 8 zero"}));
  EXPECT_TRUE(parse_scenario("dmsetup").ok());
}

TEST(Parser, UnknownDmsetupCommandIsOnlyAWarning) {
  const ParseResult result = parse_scenario("dmsetup frobnicate");
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.diagnostics.size(), 1U);
}

TEST(Parser, WriteTakesFua) {
  EXPECT_TRUE(parsed_as<WriteCommand>("write c 0 8 @A fua").fua);
}

TEST(Parser, NumbersAreThoseOfPython) {
  EXPECT_EQ(parsed_as<ReadCommand>("read c 1_000 +8").sector, 1000);
  EXPECT_EQ(parsed_as<ReadCommand>("read c -8 8").sector, -8);
}

TEST(Parser, PokeTakesOffsetsInAnyBase) {
  const auto poke = parsed_as<PokeCommand>("disk loop0 1M\npoke loop0 0x10 'ff 00'");
  EXPECT_EQ(poke.offset, 16U);
  EXPECT_EQ(poke.bytes, (std::vector<std::byte>{std::byte{0xff}, std::byte{0}}));
}

TEST(Parser, AmpersandMakesABackgroundCommand) {
  const ParseResult result = parse_scenario("read c 0 8 &");
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result.scenario.commands[0].background);
  EXPECT_EQ(result.scenario.commands[0].echo, "> read c 0 8 '&'");
}

TEST(Parser, ThenContinuesTheBackgroundCommandOfTheLineBefore) {
  const ParseResult result = parse_scenario("dmsetup suspend c &\nthen dmsetup resume c &\nthen flush c &\n");
  ASSERT_TRUE(result.ok());
  const auto& commands = result.scenario.commands;
  EXPECT_FALSE(commands[0].then);
  EXPECT_TRUE(commands[1].then && commands[1].background);
  EXPECT_TRUE(commands[2].then);
  EXPECT_EQ(commands[1].echo, "> then dmsetup resume c '&'");
  EXPECT_EQ(commands[1].name, "dmsetup");
}

TEST(Parser, ThenNeedsBackgroundCommandsOnBothLines) {
  EXPECT_FALSE(parse_scenario("flush c &\nthen flush c\n").ok());
  EXPECT_FALSE(parse_scenario("flush c\nthen flush c &\n").ok());
  EXPECT_FALSE(parse_scenario("flush c &\nflush c\nthen flush c &\n").ok());
  EXPECT_FALSE(parse_scenario("flush c &\nthen &\n").ok());
  EXPECT_FALSE(parse_scenario("flush c &\nthen then flush c &\n").ok());
}

TEST(Parser, HereDocumentsAreDmsetupsStandardInput) {
  const auto command = parsed_as<DmsetupCommand>("dmsetup create a <<END -r\n0 8 zero\nEND\n");
  EXPECT_EQ(command.arguments, (std::vector<std::string>{"create", "a", "-r"}));
  EXPECT_EQ(command.input, "0 8 zero\n");
}

TEST(Parser, OnlyDmsetupReadsAHereDocumentAndOnlyOne) {
  EXPECT_FALSE(parse_scenario("read c 0 8 <<END\nEND\n").ok());
  EXPECT_FALSE(parse_scenario("dmsetup create a <<ONE <<TWO\nONE\nTWO\n").ok());
}

TEST(Parser, UntilWaitsTenSecondsUnlessToldOtherwise) {
  EXPECT_EQ(parsed_as<UntilCommand>("until c ' 256/256 '").timeout, std::chrono::seconds(10));
  EXPECT_EQ(parsed_as<UntilCommand>("until c x 0.25").timeout, milliseconds(250));
}

TEST(Parser, DollarMatchesBeforeTheLastNewline) {
  const auto until = parsed_as<UntilCommand>("until c 'rw$'");
  EXPECT_TRUE(boost::regex_search("a rw\n", until.pattern));
  EXPECT_FALSE(boost::regex_search("a rw\nb\n", until.pattern));
}

TEST(Parser, CaretMatchesOnlyAtTheBeginning) {
  const auto until = parsed_as<UntilCommand>("until c '^b'");
  EXPECT_FALSE(boost::regex_search("a\nb\n", until.pattern));
}

TEST(Parser, ReportsEveryMistake) {
  EXPECT_EQ(errors_of("dsik loop0 1M\nread c 0\nread c x y\nwrite c 0 8 AB\nsleep -1\n"),
            (Places{"1:1", "2:1", "3:8", "3:10", "4:13", "5:7"}));
}

TEST(Parser, RefusesBadDisks) {
  EXPECT_EQ(errors_of("disk loop0"), (Places{"1:6"}));
  EXPECT_EQ(errors_of("disk loop0 4X"), (Places{"1:12"}));
  EXPECT_EQ(errors_of("disk loop0 4M discrad=off"), (Places{"1:15"}));
  EXPECT_EQ(errors_of("disk loop0 4M logical_block_size=513"), (Places{"1:15"}));
  EXPECT_EQ(errors_of("disk a/b 4M"), (Places{"1:6"}));
  EXPECT_EQ(errors_of("disk loop0 4M\ndisk loop0 4M"), (Places{"2:6"}));
}

TEST(Parser, RefusesDisksThatWereNeverDefined) {
  EXPECT_EQ(errors_of("poke loop0 0 00"), (Places{"1:6"}));
  EXPECT_EQ(errors_of("load loop0 x.xz"), (Places{"1:6"}));
}

TEST(Parser, DoesNotAskWhetherADeviceExists) {
  EXPECT_TRUE(errors_of("read nosuch 0 8").empty());
}

TEST(Parser, RefusesABadRegex) {
  EXPECT_EQ(errors_of("until c '('"), (Places{"1:9"}));
}

TEST(Parser, RefusesALonelyAmpersand) {
  EXPECT_EQ(errors_of("&"), (Places{"1:1"}));
}

TEST(Parser, WaitAndExpectStayInFront) {
  EXPECT_EQ(errors_of("wait &\nexpect x &"), (Places{"1:1", "2:1"}));
}

TEST(Parser, RefusesTooManyWords) {
  EXPECT_EQ(errors_of("flush c d"), (Places{"1:9"}));
}

TEST(Parser, SuggestsTheCommandThatWasMeant) {
  EXPECT_EQ(parse_scenario("raed c 0 8").diagnostics.front().message,
            "there is no command 'raed'; did you mean 'read'?");
  EXPECT_EQ(parse_scenario("dmsetup stauts").diagnostics.front().message,
            "dmsetup has no command 'stauts'; did you mean 'status'?");
}

TEST(Parser, SuggestsTheOptionOfADiskThatWasMeant) {
  EXPECT_EQ(parse_scenario("disk a 1M raed_latency=1ms").diagnostics.front().message,
            "there is no option 'raed_latency'; did you mean 'read_latency'?");
  EXPECT_EQ(parse_scenario("tables FILE leaveout").diagnostics.front().message,
            "there is no option 'leaveout'; did you mean 'leave_out'?");
}

TEST(Parser, SleepAndUntilHaveUnits) {
  EXPECT_EQ(parsed_as<SleepCommand>("sleep 5ms").duration, milliseconds(5));
  EXPECT_EQ(parsed_as<UntilCommand>("until c x 2s").timeout, std::chrono::seconds(2));
}

// The warnings of a text that has no errors.
std::vector<std::string> warnings_of(std::string_view text) {
  std::vector<std::string> warnings;
  for (const Diagnostic& d : parse_scenario(text).diagnostics) {
    EXPECT_EQ(d.severity, Diagnostic::Severity::warning) << d.message;
    warnings.push_back(d.message);
  }
  return warnings;
}

using Messages = std::vector<std::string>;

// The device would answer with an error, which may be what is to be shown.
TEST(Parser, WarnsOfNegativeSectors) {
  EXPECT_EQ(warnings_of("disk a 1M\nwrite a -1 8 A\nread a 0 -8"),
            (Messages{"'-1' is negative: the device will answer with an error",
                      "'-8' is negative: nothing will be done"}));
  EXPECT_EQ(errors_of("disk a 1M\ndiscard a -1 -8"), (Places{"2:11", "2:14"}));
}

TEST(Parser, WarnsOfDevicesThatNoCommandHasMade) {
  EXPECT_EQ(warnings_of("disk loop0 1M\nread lopo0 0 8"),
            (Messages{"there is no device 'lopo0' up to here; did you mean 'loop0'?"}));
  for (const std::string_view command :
       {"read a 0 8", "write a 0 8 A", "discard a 0 8", "flush a", "sha256 a", "sysfs a ro", "until a x"})
    EXPECT_EQ(warnings_of(command), (Messages{"there is no device 'a' up to here"})) << command;
}

TEST(Parser, WarnsOfMisspeltWordsOfTables) {
  const Messages says = {"the target knows no 'hydration_treshold'; did you mean 'hydration_threshold'?"};
  const std::string table = "0 8 clone 7:0 7:1 7:2 8 0 2 hydration_treshold 5";
  EXPECT_EQ(warnings_of("dmsetup create c --table '" + table + "'"), says);
  EXPECT_EQ(warnings_of("dmsetup load c --table '" + table + "'"), says);
  EXPECT_EQ(warnings_of("dmsetup create c <<END\n# a table\n" + table + "\nEND"), says);
  EXPECT_EQ(warnings_of("dmsetup create f --table '0 8 flakey 7:0 0 1 1 1 drop_writess'"),
            (Messages{"the target knows no 'drop_writess'; did you mean 'drop_writes'?"}));
}

TEST(Parser, WarnsOfNoOtherWordsOfTables) {
  for (const char* table :
       {"0 8 clone 7:0 7:1 7:2 8 0 2 hydration_threshold 5", "0 8 clone 7:0 7:1 7:2 8 1 x",
        "0 8 clone 7:0 7:1 7:2 8 0 2 hydration_block_size 5", "0 8 nosuch x", "nothing"})
    EXPECT_EQ(warnings_of(fmt::format("dmsetup create c --table '{}'", table)), Messages()) << table;
}

TEST(Parser, KnowsTheDevicesThatDmsetupMakes) {
  for (const std::string_view makes :
       {"dmsetup create a --notable", "dmsetup --verbose -r create a", "dmsetup rename b a", "tables FILE",
        "dmsetup create --concise 'a,,,,0 8 zero'", "dmsetup create 'a b' --notable", "dmsetup create a &"}) {
    EXPECT_EQ(warnings_of(std::string(makes) + "\nread a 0 8"), Messages()) << makes;
  }
  EXPECT_EQ(warnings_of("dmsetup remove a\nread a 0 8").size(), 1U);
}

}  // namespace
}  // namespace sim::language
