// SPDX-License-Identifier: GPL-2.0-or-later
// What explain says of a line is what the kernel did with it: the recording is the judge.
#include "sim/tables/explain.h"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <sstream>

#include "sim/tables/order.h"

#include "tests/sim/tables/tables_requests.h"
#include "tests/support/source_tree.h"

namespace {

using namespace sim::tables;

// A table of the recording, and the kernel's lines about it; none if it was taken.
struct Recorded {
  std::string table;
  std::vector<std::string> log;
};

std::vector<Recorded> recording(const std::string& name) {
  std::ifstream in(test::source_dir() / "tests/conformance" / (name + ".expected"));
  const std::string create = "> dmsetup create c --table '";
  const std::string log = "log: ";
  std::vector<Recorded> found;
  bool in_table = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(create)) {
      found.emplace_back();
      in_table = true;
      line.erase(0, create.size());
    } else if (line.starts_with(log) && !found.empty()) {
      found.back().log.push_back(line.substr(log.size()));
      continue;
    }
    if (!in_table) continue;
    in_table = !line.ends_with('\'');
    if (!in_table) line.pop_back();
    found.back().table += line + "\n";
  }
  return found;
}

Explanation explain_text(const std::string& text) {
  Request request;
  request.name = "c";
  request.text = text;
  // The recording's disks.
  request.lists.emplace_back("l", "loop0 7:0 1048576\nloop1 7:1 2097152\nloop2 7:2 1048576\n");
  return explain(request);
}

// What explain quotes of the kernel.
std::vector<std::string> quoted(const std::string& text) {
  const std::string kind = ": refused: ";
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (const auto at = line.find(kind); at != std::string::npos)
      lines.push_back(line.substr(at + kind.size()));
  }
  return lines;
}

TEST(TablesExplain, RefusesWhatTheKernelRefusedInItsWords) {
  const std::vector<Recorded> cases = recording("targets/refused-lines");
  ASSERT_GT(cases.size(), 20U);
  for (const Recorded& each : cases) {
    SCOPED_TRACE(each.table);
    const Explanation explanation = explain_text(each.table);
    EXPECT_EQ(explanation.exit_status, 1);
    EXPECT_EQ(quoted(explanation.text), each.log);
  }
}

TEST(TablesExplain, TakesWhatTheKernelTakes) {
  for (const char* table :
       {"0 2048 clone 7:0 7:1 7:2 8", "0 2048 clone 7:0 7:1 7:2 8 1 no_hydration",
        "0 2048 clone 7:0 7:1 7:2 8 0 2 hydration_threshold 2", "0 2048 linear 7:1 0",
        "0 2048 striped 2 8 7:0 0 7:1 0", "0 2048 delay 7:1 0 5", "0 2048 dust 7:1 0 512", "0 8 zero"}) {
    SCOPED_TRACE(table);
    const Explanation explanation = explain_text(table);
    EXPECT_EQ(explanation.exit_status, 0) << explanation.text;
    EXPECT_TRUE(quoted(explanation.text).empty());
  }
}

TEST(TablesExplain, TwoClonesOnOneMetadataDeviceAreARisk) {
  const std::string same = "has the same metadata device";
  const std::string one = "a: 0 1024 clone 7:0 7:1 7:2 8 1 no_hydration\n";
  EXPECT_EQ(explain_text(one).text.find(same), std::string::npos);
  const std::string text = explain_text(one + "b: 0 1024 clone 7:0 7:3 7:4 8 1 no_hydration\n").text;
  EXPECT_NE(text.find("c:1: risk: b " + same), std::string::npos) << text;
  EXPECT_NE(text.find("c:2: risk: a " + same), std::string::npos) << text;
}

Explanation explain_alone(const std::string& text, const dmclone::Dialect& dialect = dmclone::linux_dialect) {
  Request request = test::tables_request(text);
  request.stack.dialect = &dialect;
  return explain(request);
}

void expect_in(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in\n" << text;
}
void expect_not_in(const std::string& text, const std::string& part) {
  EXPECT_EQ(text.find(part), std::string::npos) << part << "\nis in\n" << text;
}

TEST(TablesExplain, AMisspeltWordIsSuggestedAndAnyOtherGetsTheList) {
  expect_in(explain_text("0 2048 clone 7:0 7:1 7:2 8 0 2 hydration_treshold 2").text,
            "unknown; did you mean 'hydration_threshold'?");
  expect_in(explain_text("0 2048 clone 7:0 7:1 7:2 8 0 2 x 2").text,
            "unknown; the core arguments are hydration_threshold, hydration_batch_size");
}

TEST(TablesExplain, ALineThatNeedsAnImpossibleDiskSpoilsNoOther) {
  const std::string text = explain_alone(
                               "a: 0 8 linear 8:0 0\n"
                               "b: 0 8 linear 8:0 18446744073709551615\n"
                               "c: 0 2048 clone 8:16 8:0 8:32 8 1 no_hydration\n")
                               .text;
  expect_not_in(text, "lookup failed");
  expect_not_in(text, "t:1: refused");
  expect_not_in(text, "t:3: refused");
  expect_in(text,
            "t:2: refused: device-mapper: table: 253:0: sda too small for target: "
            "start=18446744073709551615, len=8, dev_size=2048");
}

TEST(TablesExplain, ALineAboveARefusedDeviceIsJudgedByItself) {
  const std::string text = explain_alone("a: 0 8 linear 8:0 x\nb: 0 8 linear /dev/mapper/a 0\n").text;
  EXPECT_EQ(quoted(text).size(), 2U);
  expect_in(text, "t:1: refused: device-mapper: table: 253:0: linear: Invalid device sector (-EINVAL)");
}

TEST(TablesExplain, EachBadLineOfATableIsNamed) {
  const std::string text =
      explain_alone("a: 0 8 linear 8:0 0\na: 8 8 linear 8:0 x\na: 16 8 zero 1\na: 24 8 zero\n").text;
  expect_in(text, "t:2: refused: device-mapper: table: 253:0: linear: Invalid device sector (-EINVAL)");
  expect_in(text, "t:3: refused: device-mapper: table: 253:0: zero: No arguments required (-EINVAL)");
  EXPECT_EQ(quoted(text).size(), 4U) << text;
}

TEST(TablesExplain, AGapIsToldAtTheLineBehindIt) {
  const std::string text = explain_alone("a: 0 8 zero\na: 16 8 zero\n").text;
  expect_in(text, "t:2: refused: device-mapper: table: 253:0: zero: Gap in table (-EINVAL)");
}

TEST(TablesExplain, WhatOnlyOtherDevicesSpoilIsToldSo) {
  const std::string text = explain_alone(
                               "a: 0 1024 clone 8:0 8:16 8:32 8 1 no_hydration\n"
                               "b: 0 2048 clone 8:0 8:48 8:64 8 1 no_hydration\n")
                               .text;
  expect_in(text,
            "t:2: refused: only because of other devices of the file: device-mapper: clone metadata: Region "
            "and/or target size don't match the ones in metadata");
  expect_in(text, "t:2: risk: a has the same metadata device");
}

TEST(TablesExplain, AForeignTargetIsOneLine) {
  EXPECT_EQ(
      explain_alone("t: 0 8 thin 8:16 7\n").text,
      "t:1: t, 4 KiB from sector 0: thin 8:16 7: a target that dmsim does not have\n"
      "t:1: replaced: t: dmsim has no target thin: a linear one stands in for it, on t-stand-in, a disk of 4 "
      "KiB\n");
}

TEST(TablesExplain, TheSizeThatMetadataNeedsIsAlwaysTold) {
  const std::string needs =
      "needs 176 sectors (88 KiB) to be formatted, 336 sectors (168 KiB) for every commit";
  const std::string clone = "c: 0 4194304 clone 8:0 8:16 8:32 8 1 no_hydration\n";
  expect_in(explain_alone(clone).text, needs);
  Request with_list = test::tables_request(clone, "sda 8:0 1048576\n");
  expect_in(explain(with_list).text, needs);
}

TEST(TablesExplain, AMetadataDeviceThatIsTooShortIsNamed) {
  const std::string text = explain_alone(
                               "vg-meta: 0 8 linear 8:0 0\n"
                               "vg-data: 0 4194304 linear 8:0 8\n"
                               "c: 0 4194304 clone 253:7 8:16 8:32 8 1 no_hydration\n")
                               .text;
  expect_in(
      text,
      "t:3: replaced: 253:7, the metadata device, may be vg-data: a disk of 336 sectors (168 KiB) stands "
      "in for it. vg-meta is too short: it has 8 sectors (4 KiB), and 176 sectors (88 KiB) are needed.");
}

TEST(TablesExplain, TheNearestDeviceIsNamedIfNoneIsLongEnough) {
  const std::string text = explain_alone(
                               "x: 0 8 linear 8:0 0\ny: 0 16 linear 8:0 8\n"
                               "c: 0 4194304 clone 253:7 8:16 8:32 8 1 no_hydration\n")
                               .text;
  expect_in(text, "253:7, the metadata device, is none of the devices of t: ");
  expect_in(text, "y is too short: it has 16 sectors (8 KiB), and 176 sectors (88 KiB) are needed.");
}

TEST(TablesExplain, SettingsAreToldInBytes) {
  const std::string text =
      explain_alone("c: 0 4096 clone 8:0 8:16 8:32 8 0 4 hydration_threshold 64 hydration_batch_size 1\n")
          .text;
  expect_in(text, "in flight at most: 64 regions of 4 KiB = 256 KiB\n");
  expect_in(text, "copied as one at most: 1 region of 4 KiB = 4 KiB\n");
  expect_in(text, "region size: a region is copied as a whole: 4 KiB, which makes 512 regions\n");
}

TEST(TablesExplain, DefaultsAreTold) {
  const std::string text = explain_alone("c: 0 4096 clone 8:0 8:16 8:32 8\n").text;
  expect_in(text, "(default)                the background copy runs from the first resume on\n");
  expect_in(text, "(default)                discards are passed on to the destination device\n");
  expect_in(text,
            "(default)                hydration_threshold 1: in flight at most: 1 region of 4 KiB = 4 KiB\n");
  expect_in(
      text,
      "(default)                hydration_batch_size 1: copied as one at most: 1 region of 4 KiB = 4 KiB\n");
  const std::string given =
      explain_alone(
          "c: 0 4096 clone 8:0 8:16 8:32 8 2 no_hydration no_discard_passdown 2 hydration_threshold 2\n")
          .text;
  EXPECT_EQ(given.find("(default)"), given.rfind("(default)")) << given;
  expect_in(explain_alone("f: 0 8 flakey 8:0 0 1 1\n").text,
            "(default)                while down, all I/O fails\n");
}

TEST(TablesExplain, SpeaksTheDialectOfTheFirstPosting) {
  const std::string text =
      explain_alone("c: 0 4096 clone 8:0 8:16 8:32 8 1 no_hydration 2 hydration_block_size 60\n",
                    dmclone::rfc1_dialect)
          .text;
  expect_in(text, "8:16                     clone device: gets the copy, and all writes");
  expect_in(text, "8:32                     origin device: is only read");
  expect_in(text, "60                       copied as one at most: 30 KiB: 7 regions of 4 KiB = 28 KiB\n");
  expect_in(text, "hydration_threshold 2048: in flight at most: 1 MiB: 256 regions of 4 KiB = 1 MiB\n");
  EXPECT_TRUE(quoted(text).empty()) << text;
  EXPECT_FALSE(
      quoted(explain_alone("c: 0 4096 clone 8:0 8:16 8:32 8 0 2 hydration_block_size 60\n").text).empty());
}

TEST(TablesExplain, RolesOfOneDeviceAreToldApart) {
  const std::string text = explain_alone("c: 0 4096 clone 8:0 8:0 8:0 8 1 no_hydration\n").text;
  expect_in(text,
            "risk: metadata device and destination device are the same device: each overwrites the other\n");
  expect_in(text,
            "risk: metadata device and source device are the same device: what is written as metadata device "
            "overwrites the source device, which is only read\n");
  expect_in(text,
            "risk: destination device and source device are the same device: what is written as destination "
            "device overwrites the source device, which is only read\n");
}

TEST(TablesExplain, IgnoredWordsAreARisk) {
  expect_in(explain_alone("c: 0 4096 clone 8:0 8:16 8:32 8 1 no_hydration 0 nothing\n").text,
            "t:1: risk: 'nothing' means nothing");
}

// Files of every kind, with and without a list.
const std::vector<std::pair<std::string, std::string>> files = {
    {"", ""},
    {"garbage\n", ""},
    {"a: 0 8 zero\n", ""},
    {"a: 0 8 zero\ngarbage\n", ""},
    {"a: 0 8 zero\n", "garbage\n"},
    {"a: 0 8 thin 8:0 1\n", ""},
    {"a: 0 8 linear 253:5 0\nb: 0 8 zero\nc: 0 8 zero\n", ""},
    {"a: 0 8 linear 253:5 0\nb: 0 8 zero\nc: 0 8 zero\n", "b (253:5)\n"},
    {"a: 0 8 linear 8:0 x\nb: 0 8 linear /dev/mapper/a 0\n", ""},
    {"a: 0 8 linear /dev/mapper/b 0\nb: 0 8 linear /dev/mapper/a 0\n", ""},
    {"a: 0 8 zero\na: 16 8 zero\n", ""},
    {"a: 0 1024 clone 8:0 8:16 8:32 8\nb: 0 2048 clone 8:0 8:48 8:64 8\n", ""},
    {"a: 0 1024 clone 8:0 8:16 8:32 8\n", "sda 8:0 4096\n"},
    {"a: 0 1024 clone 8:0 8:16 8:32 8\n", "sda 8:0 4194304\n"},
};

TEST(TablesExplain, ItsExitStatusIsThatOfTables) {
  std::set<int> seen;
  for (const auto& [tables, list] : files) {
    const Request request = test::tables_request(tables, list);
    const Outcome outcome = test::brought_up(request);
    const int status = exit_status(outcome.stack, outcome.notes);
    EXPECT_EQ(explain(request).exit_status, status) << tables << list;
    seen.insert(status);
  }
  EXPECT_EQ(seen, (std::set<int>{0, 1, 2}));
}

TEST(TablesExplain, ManyLayersAreNoDifficulty) {
  std::string tables = "d0: 0 8 zero\n";
  for (int i = 1; i < 3000; ++i) tables += fmt::format("d{}: 0 8 linear /dev/mapper/d{} 0\n", i, i - 1);
  EXPECT_EQ(creation_order(understand(test::tables_request(tables))).devices.size(), 3000U);
}

}  // namespace
