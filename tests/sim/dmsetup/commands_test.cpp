// SPDX-License-Identifier: GPL-2.0-or-later
// What dmsetup asks of the control interface, and what it prints.
#include <gtest/gtest.h>

#include "tests/sim/dmsetup/fake_system.h"

namespace sim::test {
namespace {

using C = dmcore::ioctl::Command;
using dmcore::Errno;

class Dmsetup : public testing::Test {
 protected:
  void add(const std::string& name, std::uint32_t minor,
           std::vector<FakeTarget> live = {{0, 8, "zero", ""}}) {
    system.devices[name].minor = minor;
    system.devices[name].live = std::move(live);
  }
  std::string output(const std::string& line, const std::string& input = "") {
    return system.output(line, input);
  }

  FakeDmsetupSystem system;
};

TEST_F(Dmsetup, CreateLoadsAndResumes) {
  EXPECT_EQ(output("create a --table '0 8 zero'"), "");
  EXPECT_EQ(system.commands, (std::vector<C>{C::version, C::dev_create, C::table_load, C::dev_suspend}));
  EXPECT_EQ(system.devices.at("a").live.size(), 1U);
  EXPECT_EQ(system.nodes().find("a"), dmcore::ioctl::encode_device(253, 0));
}

TEST_F(Dmsetup, CreateRemovesTheDeviceIfTheLoadFails) {
  system.failures[C::table_load] = {Errno::inval};
  EXPECT_EQ(output("create a --table '0 8 nosuch'"), "exit 1\n");
  EXPECT_TRUE(system.devices.empty());
  EXPECT_EQ(system.nodes().find("a"), std::nullopt);
}

TEST_F(Dmsetup, CreateWithoutTableMakesNoNode) {
  EXPECT_EQ(output("create a --notable"), "");
  EXPECT_EQ(system.nodes().find("a"), std::nullopt);
  EXPECT_EQ(output("create b --notable --addnodeoncreate"), "");
  EXPECT_NE(system.nodes().find("b"), std::nullopt);
}

TEST_F(Dmsetup, TablesHaveSeveralLinesAndComments) {
  output("create a --table '# one\n 0 8 zero\n\n8 16 linear 7:0 5 # two\n'");
  const auto& live = system.devices.at("a").live;
  ASSERT_EQ(live.size(), 2U);
  EXPECT_EQ(live[1].start, 8U);
  EXPECT_EQ(live[1].params, "7:0 5 ");
}

TEST_F(Dmsetup, TablesMayComeFromAFile) {
  system.files["t"] = "0 8 zero\n";
  EXPECT_EQ(output("create a t"), "");
  EXPECT_EQ(system.devices.at("a").live.size(), 1U);
  EXPECT_EQ(output("create b nosuch"), "exit 1\n");
}

TEST_F(Dmsetup, TablesMayComeFromStandardInput) {
  EXPECT_EQ(output("create a", "0 8 zero\n8 8 error\n"), "");
  EXPECT_EQ(system.devices.at("a").live.size(), 2U);
  EXPECT_EQ(output("load a", "0 16 error"), "");
  EXPECT_EQ(system.devices.at("a").inactive.size(), 1U);
  EXPECT_EQ(output("create b", "0 8 zero\n0 8\n"), "exit 1\n");
  EXPECT_EQ(system.devices.count("b"), 0U);
}

TEST_F(Dmsetup, AFileOrATableGoesBeforeStandardInput) {
  system.files["t"] = "0 8 zero\n";
  output("create a t", "0 8 error\n");
  output("create b --table '0 8 zero'", "0 8 error\n");
  EXPECT_EQ(system.devices.at("a").live[0].type, "zero");
  EXPECT_EQ(system.devices.at("b").live[0].type, "zero");
}

TEST_F(Dmsetup, ConciseSpecificationsMayComeFromStandardInput) {
  EXPECT_EQ(output("create --concise", "a,,,,0 8 zero;\n b,U,,,0 8 zero,8 8 error\n"), "");
  EXPECT_EQ(system.devices.at("a").live.size(), 1U);
  EXPECT_EQ(system.devices.at("b").live.size(), 2U);
  EXPECT_EQ(system.devices.at("b").uuid, "U");
}

TEST_F(Dmsetup, QuestionsAreAnsweredFromStandardInput) {
  const std::string question = "Do you really want to continue? [y/n]: ";
  const std::string done = "0 semaphores with keys prefixed by 3405 (0xd4d) destroyed. 0 skipped.\n";
  const std::string not_done = "Semaphores with keys prefixed by 3405 (0xd4d) NOT destroyed.\n";
  EXPECT_EQ(output("udevcomplete_all"), question + "\n" + not_done);
  EXPECT_EQ(output("udevcomplete_all", "what\nno\n"), question + question + not_done);
  EXPECT_EQ(output("udevcomplete_all", "ny\n"), question + done);
  EXPECT_EQ(output("udevcomplete_all -y"), done);
}

TEST_F(Dmsetup, BackslashesInTablesAreDoubled) {
  output("create a --table '0 8 linear x\\\\y'");
  EXPECT_EQ(system.devices.at("a").live[0].params, "x\\\\\\\\y");
}

TEST_F(Dmsetup, BadTableLinesAreRefused) {
  for (const std::string table : {"0 8", "x 8 zero", "0 8 0123456789abcdef"}) {
    EXPECT_EQ(output("create a --table '" + table + "'"), "exit 1\n");
  }
  EXPECT_TRUE(system.devices.empty());
}

TEST_F(Dmsetup, NumbersInTablesNeedNoSpaceBehindThem) {
  output("create a --table '0 8zero'");
  EXPECT_EQ(system.devices.at("a").live[0].type, "zero");
}

TEST_F(Dmsetup, NamesAreMangledForTheKernel) {
  output("create 'a b' --table '0 8 zero'");
  EXPECT_TRUE(system.devices.contains("a\\x20b"));
  EXPECT_NE(system.nodes().find("a\\x20b"), std::nullopt);
  EXPECT_EQ(output("ls"), "a b\t(253:0)\n");
}

TEST_F(Dmsetup, NamesThatTheKernelHasUnmangledFailTheList) {
  add("a b", 0);
  EXPECT_EQ(output("ls"), "exit 1\n");
  EXPECT_EQ(output("ls --manglename none"), "a b\t(253:0)\n");
}

TEST_F(Dmsetup, DevicesCanBeNamedByTheirNode) {
  output("create a --table '0 8 zero'");
  EXPECT_EQ(output("table /dev/mapper/a"), "0 8 zero \n");
  EXPECT_EQ(output("table mapper/a"), "0 8 zero \n");
  EXPECT_EQ(output("table /dev/loop0"), "exit 1\n");
}

TEST_F(Dmsetup, AnswersLargerThanTheBufferAreAskedForAgain) {
  add("a", 0, {{0, 8, "zero", std::string(100000, 'x')}});
  EXPECT_EQ(output("table a").size(), 100000U + sizeof("0 8 zero \n") - 1);
  EXPECT_EQ(std::count(system.commands.begin(), system.commands.end(), C::table_status),
            4);  // 16, 32, 64, 128 KiB
}

TEST_F(Dmsetup, RemoveTriesAgainIfTold) {
  add("a", 0);
  system.failures[C::dev_remove] = {Errno::busy, Errno::busy};
  EXPECT_EQ(output("remove --retry a"), "");
  EXPECT_EQ(system.slept, std::chrono::milliseconds(400));
}

TEST_F(Dmsetup, RemoveStopsAtTheFirstFailure) {
  add("b", 0);
  EXPECT_EQ(output("remove a b"), "exit 1\n");
  EXPECT_TRUE(system.devices.contains("b"));
}

TEST_F(Dmsetup, RemoveAllClearsOutNodesOfDevicesThatAreGone) {
  output("create a --table '0 8 zero'");
  EXPECT_EQ(output("remove_all"), "");
  EXPECT_TRUE(system.nodes().nodes().empty());
}

TEST_F(Dmsetup, RenameMovesTheNode) {
  output("create a --table '0 8 zero'");
  EXPECT_EQ(output("rename a b"), "");
  EXPECT_EQ(system.nodes().find("a"), std::nullopt);
  EXPECT_NE(system.nodes().find("b"), std::nullopt);
}

TEST_F(Dmsetup, RenameCanSetTheUuid) {
  add("a", 0);
  EXPECT_EQ(output("rename a --setuuid U-1"), "");
  EXPECT_EQ(system.devices.at("a").uuid, "U-1");
}

TEST_F(Dmsetup, StatusOfAllNamesEachLine) {
  add("a", 0, {{0, 8, "zero", ""}, {8, 8, "error", ""}});
  add("b", 1, {});
  EXPECT_EQ(output("status"), "a: 0 8 zero \na: 8 8 error \nb: \n");
  EXPECT_EQ(output("status b"), "\n");
  EXPECT_EQ(output("status --target error"), "a: 8 8 error \n");
}

TEST_F(Dmsetup, StatusOfNoDeviceFails) {
  EXPECT_EQ(output("status nosuch"), "exit 1\n");
}

TEST_F(Dmsetup, WithoutDevicesListsSaySo) {
  EXPECT_EQ(output("ls"), "No devices found\n");
  EXPECT_EQ(output("table"), "No devices found\n");
}

TEST_F(Dmsetup, InfoDescribesADevice) {
  add("a", 3);
  system.devices["a"].uuid = "U";
  EXPECT_EQ(
      output("info a"),
      "Name:              a\nState:             ACTIVE\nRead Ahead:        256\nTables present:    LIVE\n"
      "Open count:        0\nEvent number:      0\nMajor, minor:      253, 3\nNumber of targets: 1\nUUID: "
      "U\n\n");
}

TEST_F(Dmsetup, InfoInColumnsPadsThem) {
  add("a", 3);
  EXPECT_EQ(output("info -c -o name,minor,attr"), "Name             Min Stat\na                  3 L--w\n");
}

TEST_F(Dmsetup, InfoWithoutHeadingsSeparatesByColons) {
  add("a", 3);
  EXPECT_EQ(output("info -c --noheadings -o name,devno,open"), "a:253:3:0\n");
}

TEST_F(Dmsetup, ReportsSortByManyKeys) {
  add("a", 1, {});
  add("b", 2);
  add("c", 3);
  EXPECT_EQ(output("info -c --noheadings -o name -O segments,-name"), "a\nc\nb\n");
}

TEST_F(Dmsetup, ReportsWithUnknownFieldsFail) {
  EXPECT_EQ(output("info -c -o nosuch"), "exit 1\n");
}

TEST_F(Dmsetup, SelectHasTheLibrarysRegularExpressions) {
  add("ab", 0);
  add("b", 1);
  const auto selected = [this](const std::string& pattern) {
    return output("info -c --noheadings -o name -S 'name=~\"" + pattern + "\"'");
  };
  EXPECT_EQ(selected("^b$"), "b\n");
  EXPECT_EQ(selected("(a|x)b"), "ab\n");
  EXPECT_EQ(selected("[^x]b"), "ab\nb\n");  // the beginning of a text is a letter, too
  EXPECT_EQ(selected("b{1}"), "");
  EXPECT_EQ(selected("|b"), "ab\nb\n");
  EXPECT_EQ(selected("b|"), "exit 1\n");
  EXPECT_EQ(selected("(b"), "exit 1\n");
}

TEST_F(Dmsetup, ASelectedCommandThatShowsItsDeviceNeverEnds) {
  add("a", 0);
  EXPECT_EQ(output("table -v -S name=a"), "exit -11\n");
  EXPECT_EQ(output("table -v -S name=b"), "");
}

TEST_F(Dmsetup, MangleWithoutANameDiesOfIt) {
  add("a", 0);
  EXPECT_EQ(output("mangle -j 253 -m 0"), "exit -11\n");
}

TEST_F(Dmsetup, ReportsThatWouldGoOnForEverAreStopped) {
  add("a", 0);
  EXPECT_EQ(output("info -c --noheadings -o name --interval 1"), "a\nexit 1\n");
  EXPECT_EQ(output("info -c --noheadings -o name --count 0"), "a\nexit 1\n");
  EXPECT_EQ(system.slept, dmcore::Duration(0));
  EXPECT_EQ(output("info -c -o name --count 2 --noheadings --interval 3"), "a\n\na\n");
  EXPECT_EQ(system.slept, std::chrono::seconds(3));
}

TEST_F(Dmsetup, UnitsAreALetterAndPerhapsANumber) {
  EXPECT_EQ(output("ls --units 4k"), "No devices found\n");
  EXPECT_EQ(output("ls --units 0k"), "exit 1\n");
  EXPECT_EQ(output("ls --units x"), "exit 1\n");
}

TEST_F(Dmsetup, SelectRunsACommandOnSomeDevices) {
  add("a", 0);
  add("b", 1);
  EXPECT_EQ(output("status -S 'name=b || minor>5'"), "b: 0 8 zero \n");
}

TEST_F(Dmsetup, DepsPrintsNumbersOrNames) {
  add("a", 0);
  system.devices["a"].deps = {dmcore::ioctl::encode_device(7, 1), dmcore::ioctl::encode_device(7, 0)};
  EXPECT_EQ(output("deps a"), "2 dependencies\t: (7, 1) (7, 0)\n");
  EXPECT_EQ(output("deps -o blkdevname a"), "2 dependencies\t: (loop1) (loop0)\n");
}

TEST_F(Dmsetup, TreeShowsWhoUsesWhom) {
  add("low", 0);
  add("top", 1);
  system.devices["low"].deps = {dmcore::ioctl::encode_device(7, 0)};
  system.devices["top"].deps = {dmcore::ioctl::encode_device(253, 0), dmcore::ioctl::encode_device(7, 1)};
  EXPECT_EQ(output("ls --tree"), "top (253:1)\n |-low (253:0)\n |  `- (7:0)\n `- (7:1)\n");
}

TEST_F(Dmsetup, ConciseTablesCanBeCreatedAgain) {
  output("create --concise 'a,U,,,0 8 zero,8 8 error;b,,,ro,0 4 zero'");
  EXPECT_EQ(output("table --concise"), "a,U,0,rw,0 8 zero ,8 8 error ;b,,1,rw,0 4 zero \n");
}

TEST_F(Dmsetup, MessagesAreJoinedBySpaces) {
  add("a", 0);
  EXPECT_EQ(output("message a 0 one two"), "");
  EXPECT_EQ(system.message, "one two");
}

TEST_F(Dmsetup, AnswersToMessagesEndInANewline) {
  add("a", 0);
  system.message_answer = "yes";
  EXPECT_EQ(output("message a 0 really"), "yes\n");
}

TEST_F(Dmsetup, BadSectorsOfMessagesAreRefused) {
  add("a", 0);
  EXPECT_EQ(output("message a x one"), "exit 1\n");
}

TEST_F(Dmsetup, SplitnameTakesLvmNamesApart) {
  EXPECT_EQ(output("splitname a--b-c-d"), "VG   LV   LVLayer\na-b  c    d      \n");
}

TEST_F(Dmsetup, UnknownCommandsFail) {
  EXPECT_EQ(output("frobnicate"), "exit 1\n");
  EXPECT_EQ(output("''"), "exit 1\n");
  EXPECT_EQ(output(""), "exit 1\n");
}

TEST_F(Dmsetup, WrongNumberOfArgumentsFails) {
  EXPECT_EQ(output("message a"), "exit 1\n");
}

TEST_F(Dmsetup, ErrorsAreExplainedOnStandardError) {
  EXPECT_EQ(system.run("clear nosuch").err,
            "device-mapper: clear ioctl on nosuch  failed: No such device or address\nCommand failed.\n");
}

TEST_F(Dmsetup, VersionIsTheLibrarysAndTheKernels) {
  EXPECT_EQ(output("version"), "Library version:   1.02.185 (2022-05-18)\nDriver version:    4.47.0\n");
}

}  // namespace
}  // namespace sim::test
