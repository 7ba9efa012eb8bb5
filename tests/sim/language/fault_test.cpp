// SPDX-License-Identifier: GPL-2.0-or-later
// Faults of disks as words of a scenario.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/language/parser.h"

namespace sim::language {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Fault> faults_of(const std::string& words) {
  const ParseResult result = parse_scenario("disk d 1M " + words);
  EXPECT_TRUE(result.ok()) << words;
  return std::get<DiskCommand>(result.scenario.commands.at(0).body).faults;
}

template <class What>
What only(const std::string& word) {
  const std::vector<Fault> faults = faults_of("fault=" + word);
  EXPECT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults.at(0).hits_max, Fault::always);
  return std::get<What>(faults.at(0).what);
}

// "LINE:COLUMN: REASON" of each diagnostic.
std::vector<std::string> mistakes(const std::string& text) {
  std::vector<std::string> found;
  for (const Diagnostic& each : parse_scenario(text).diagnostics)
    found.push_back(std::to_string(each.where.line) + ":" + std::to_string(each.where.column) + ": " +
                    each.message);
  return found;
}

std::string mistake(const std::string& fault) {
  const std::vector<std::string> found = mistakes("disk d 1M\nfault d " + fault);
  EXPECT_EQ(found.size(), 1U) << fault;
  const std::string place = "2:9: ";
  EXPECT_TRUE(found.at(0).starts_with(place)) << found.at(0);
  return found.at(0).substr(place.size());
}

TEST(FaultWords, ErrorsHaveARangeOfSectors) {
  EXPECT_EQ(only<Fault::ReadError>("read-error:8+16").where.first, 8U);
  EXPECT_EQ(only<Fault::ReadError>("read-error:8+16").where.count, 16U);
  EXPECT_EQ(only<Fault::WriteError>("write-error:8+16").where.end(), 24U);
}

TEST(FaultWords, ASectorAloneIsOneSector) {
  EXPECT_EQ(only<Fault::ReadError>("read-error:8").where.count, 1U);
}

TEST(FaultWords, WithoutSectorsAnErrorIsEverywhere) {
  const auto where = only<Fault::WriteError>("write-error").where;
  EXPECT_EQ(where.first, 0U);
  EXPECT_EQ(where.count, SectorRange::everything);
}

TEST(FaultWords, TornAndMisdirectedSayWhereTo) {
  const auto torn = only<Fault::Torn>("torn:8+16@3");
  EXPECT_EQ(torn.where.end(), 24U);
  EXPECT_EQ(torn.kept, 3U);
  const auto misdirected = only<Fault::Misdirected>("misdirected:8@64");
  EXPECT_EQ(misdirected.where.end(), 9U);
  EXPECT_EQ(misdirected.to, 64U);
}

TEST(FaultWords, ABitRotsNowOrLater) {
  const auto now = only<Fault::BitRot>("bit-rot:4096.7");
  EXPECT_EQ(now.byte, 4096U);
  EXPECT_EQ(now.bit, 7U);
  EXPECT_EQ(now.at, seconds(0));
  EXPECT_EQ(only<Fault::BitRot>("bit-rot:0.0@1.5s").at, milliseconds(1500));
}

TEST(FaultWords, SilenceHasABeginningAndAnEndOrNone) {
  EXPECT_EQ(only<Fault::Silent>("silent").from, seconds(0));
  EXPECT_EQ(only<Fault::Silent>("silent").to, Fault::Silent::for_ever);
  EXPECT_EQ(only<Fault::Silent>("silent:5s").from, seconds(5));
  EXPECT_EQ(only<Fault::Silent>("silent:5s").to, Fault::Silent::for_ever);
  EXPECT_EQ(only<Fault::Silent>("silent:5s-6s").to, seconds(6));
}

TEST(FaultWords, XIsHowOften) {
  EXPECT_EQ(faults_of("fault=read-error:8+8:x2").at(0).hits_max, 2U);
  EXPECT_EQ(faults_of("fault=read-error:x3").at(0).hits_max, 3U);
  EXPECT_EQ(faults_of("fault=flush-error:x1").at(0).hits_max, 1U);
  EXPECT_EQ(faults_of("fault=torn:0@1:x4").at(0).hits_max, 4U);
}

TEST(FaultWords, SeveralStayInTheirOrder) {
  const std::vector<Fault> faults =
      faults_of("fault=lies fault=write-error cache=writeback fault=flush-error");
  ASSERT_EQ(faults.size(), 3U);
  EXPECT_TRUE(std::holds_alternative<Fault::Lies>(faults[0].what));
  EXPECT_TRUE(std::holds_alternative<Fault::WriteError>(faults[1].what));
  EXPECT_TRUE(std::holds_alternative<Fault::FlushError>(faults[2].what));
}

TEST(FaultWords, OfACommandAreSeveralWordsOrNone) {
  const ParseResult result = parse_scenario("disk d 1M\nfault d lies torn:0@1\nfault d none");
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(std::get<FaultCommand>(result.scenario.commands.at(1).body).faults.size(), 2U);
  EXPECT_THAT(std::get<FaultCommand>(result.scenario.commands.at(2).body).faults, IsEmpty());
}

TEST(FaultMistakes, SuggestTheFaultThatWasMeant) {
  EXPECT_EQ(mistake("read-eror:8"), "there is no fault 'read-eror'; did you mean 'read-error'?");
  EXPECT_EQ(
      mistake("fire"),
      "there is no fault 'fire'; there are read-error, write-error, flush-error, torn, misdirected, bit-rot, "
      "lies, silent");
}

TEST(FaultMistakes, NameWhatIsWrongAndWhatWasExpected) {
  EXPECT_EQ(mistake("read-error:a"),
            "'read-error:a' is no fault: 'a' is no sector; expected read-error[:SECTOR[+COUNT]][:xN]");
  EXPECT_EQ(mistake("write-error:8+0"),
            "'write-error:8+0' is no fault: '0' is no number of sectors; expected "
            "write-error[:SECTOR[+COUNT]][:xN]");
  EXPECT_EQ(mistake("torn:8"),
            "'torn:8' is no fault: there is no '@' before the number of sectors that reach the "
            "medium; expected torn:SECTOR[+COUNT]@SECTORS[:xN]");
  EXPECT_EQ(mistake("misdirected"),
            "'misdirected' is no fault: there is no ':' before the sectors; expected "
            "misdirected:SECTOR[+COUNT]@TO[:xN]");
  EXPECT_EQ(mistake("bit-rot:8.8"),
            "'bit-rot:8.8' is no fault: '8' is no bit of a byte; expected bit-rot:BYTE.BIT[@TIME]");
  EXPECT_EQ(mistake("bit-rot:8.1@5"),
            "'bit-rot:8.1@5' is no fault: '5' is no time; those are a number and ns, us, ms "
            "or s; expected bit-rot:BYTE.BIT[@TIME]");
  EXPECT_EQ(mistake("lies:3"),
            "'lies:3' is no fault: there is no 'x' before the number of times; expected lies[:xN]");
  EXPECT_EQ(mistake("flush-error:x0"),
            "'flush-error:x0' is no fault: '0' is no number of times; expected flush-error[:xN]");
  EXPECT_EQ(mistake("silent:2s-2s"),
            "'silent:2s-2s' is no fault: it would end before it begins; expected silent[:FROM[-TO]]");
}

TEST(FaultMistakes, OfWhatHasNoNumberOfTimes) {
  EXPECT_EQ(mistake("silent:2s:x2"),
            "'silent:2s:x2' is no fault: ':x2' is too much; expected silent[:FROM[-TO]]");
  EXPECT_EQ(mistake("bit-rot:0.0:x2"),
            "'bit-rot:0.0:x2' is no fault: ':x2' is too much; expected bit-rot:BYTE.BIT[@TIME]");
}

TEST(FaultMistakes, ASectorThatNoDiskCanHave) {
  EXPECT_EQ(mistake("torn:18014398509481984@1"),
            "'torn:18014398509481984@1' is no fault: '18014398509481984' is no "
            "sector; expected torn:SECTOR[+COUNT]@SECTORS[:xN]");
}

TEST(FaultMistakes, OfTheOptionOfADisk) {
  EXPECT_THAT(mistakes("disk d 1M\n\ndisk e 1M ro fault=lie:x"),
              ElementsAre("3:14: there is no fault 'lie'; did you mean 'lies'?"));
}

TEST(FaultMistakes, OfTheCommand) {
  EXPECT_THAT(mistakes("disk d 1M\nfault d"),
              ElementsAre("2:1: too few words; the command is: fault DISK FAULT..."));
  EXPECT_THAT(mistakes("disk d 1M\nfault d none lies"),
              ElementsAre("2:14: 'lies' has no place here; the command is: fault DISK FAULT..."));
  EXPECT_THAT(mistakes("fault d lies"), ElementsAre("1:7: there is no disk 'd' up to here"));
}

TEST(FaultMistakes, NoneAmongFaults) {
  EXPECT_THAT(mistakes("disk d 1M\nfault d lies none"),
              ElementsAre("2:14: 'none' takes all faults away, and cannot be combined with others"));
}

TEST(FaultMistakes, WarnsOfFlushesThatNeverCome) {
  for (const std::string fault : {"lies", "flush-error"}) {
    const ParseResult result = parse_scenario("disk d 1M cache=writethrough fault=" + fault);
    EXPECT_TRUE(result.ok());
    EXPECT_THAT(mistakes("disk d 1M cache=writethrough fault=" + fault),
                ElementsAre("1:6: a disk without a volatile cache gets no flushes that could go wrong"));
  }
  EXPECT_THAT(mistakes("disk d 1M cache=writethrough fault=torn:0@0"), IsEmpty());
}

TEST(FaultMistakes, DisksOfTablesShareNone) {
  EXPECT_THAT(
      mistakes("tables FILE fault=lies"),
      ElementsAre("1:13: disks do not share faults; give them to one disk, afterwards, with 'fault DISK'"));
}

}  // namespace
}  // namespace sim::language
