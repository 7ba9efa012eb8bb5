// SPDX-License-Identifier: GPL-2.0-or-later
// dmsim as a program: its output, its messages, its exit statuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "sim/cli/version.h"

#include "tests/sim/cli/dmsim_program.h"
#include "tests/sim/metadata/image.h"

namespace {

using test::DmsimProgram;
using test::Ended;

struct Line {
  std::string name;
  std::vector<std::string> words;
};

// One for each way to print something.
const std::vector<Line> lines = {
    {"help_option", {"--help"}},
    {"version", {"--version"}},
    {"help_of_a_subcommand", {"replay", "--help"}},
    {"replay", {"replay", "a.dms"}},
    {"replay_of_several", {"replay", "a.dms", "a.dms"}},
    {"replay_of_a_folder", {"replay", "."}},
    {"replay_quiet", {"replay", "-q", "a.dms"}},
    {"replay_check", {"replay", "--check", "a.dms"}},
    {"replay_seeds", {"replay", "--seeds", "1-2", "a.dms"}},
    {"replay_json", {"replay", "--json", "a.dms"}},
    {"generate", {"generate"}},
    {"generate_list", {"generate", "--list"}},
    {"metadata_size", {"metadata-size", "--target", "1G", "--region-size", "8"}},
    {"check", {"check", "metadata"}},
    {"check_json", {"check", "--json", "metadata"}},
    {"defects", {"defects"}},
    {"dump", {"dump", "metadata"}},
    {"dump_json", {"dump", "--json", "metadata"}},
    {"restore", {"restore", "-i", "dump", "-o", "new"}},
    {"repair", {"repair", "-i", "metadata", "-o", "new"}},
    {"tables", {"tables", "table"}},
    {"tables_scenario", {"tables", "--scenario", "table"}},
    {"explain", {"explain", "table"}},
    {"clone", {"clone", "source.img", "copy.img"}},
};

class PrintedBy : public testing::TestWithParam<Line> {
 protected:
  void SetUp() override {
    dmsim.file("a.dms", "disk d 1M\nread d 0 8\n");
    dmsim.file("table", "data: 0 2048 linear 8:16 2048\n");
    const test::Image metadata = test::Image::of_sample("small");
    dmsim.file("metadata", {reinterpret_cast<const char*>(metadata.bytes().data()), metadata.bytes().size()});
    dmsim.file("dump",
               "<superblock version='1' flags='0' region_size='8' target_size='1000' nr_regions='125'/>");
    dmsim.file("source.img", std::string(65536, 'x'));
  }

  DmsimProgram dmsim;
};

TEST_P(PrintedBy, ReachesAPipe) {
  const Ended ended = dmsim.run(GetParam().words);
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_NE(ended.out, "");
}

TEST_P(PrintedBy, OntoAFullDeviceFailsWithAMessage) {
  const Ended ended = dmsim.run(GetParam().words, ">/dev/full");
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, testing::EndsWith("dmsim: cannot write standard output: No space left on device\n"));
}

TEST_P(PrintedBy, ToAClosedStreamFailsWithAMessage) {
  const Ended ended = dmsim.run(GetParam().words, ">&-");
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, testing::EndsWith("dmsim: cannot write standard output: Bad file descriptor\n"));
}

TEST_P(PrintedBy, IntoAPipeThatNobodyReadsFails) {
  std::string words;
  for (const std::string& word : GetParam().words) words += " " + word;
  const std::string line =
      "trap '' PIPE; { sleep 0.1; dmsim" + words + "; echo $? >status; } | true; cat status";
  const Ended ended = dmsim.shell(line);
  EXPECT_EQ(ended.out, "1\n");
  EXPECT_THAT(ended.err, testing::EndsWith("dmsim: cannot write standard output: Broken pipe\n"));
}

INSTANTIATE_TEST_SUITE_P(Dmsim, PrintedBy, testing::ValuesIn(lines),
                         [](const auto& info) { return info.param.name; });

// What becomes of a file that is opened while descriptor 1 is free.
TEST(Dmsim, AClosedStandardOutputDoesNotLeadIntoADisk) {
  const DmsimProgram dmsim;
  dmsim.file("a.dms", "disk d 4K file=d.img\n");
  const Ended ended = dmsim.run({"replay", "a.dms"}, ">&-");
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(dmsim.content_of("d.img"), std::string(4096, '\0'));
}

TEST(Dmsim, AReaderThatHasEnoughEndsItQuietly) {
  const DmsimProgram dmsim;
  const Ended ended = dmsim.shell("dmsim generate --count 1000 | head -n 1 | wc -l");
  EXPECT_EQ(ended.out, "1\n");
  EXPECT_EQ(ended.err, "");
}

TEST(Dmsim, SaysItsVersion) {
  EXPECT_EQ(DmsimProgram().run({"--version"}).out, "dmsim " + std::string(sim::cli::version()) + "\n");
}

TEST(Dmsim, AloneSaysWhatToDo) {
  const Ended ended = DmsimProgram().run({});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.out, "");
  EXPECT_NE(ended.err.find("dmsim SUBCOMMAND"), std::string::npos);
  EXPECT_NE(ended.err.find("run scenarios and print their transcripts"), std::string::npos);
}

TEST(Dmsim, AFileThatCannotBeWrittenIsNamed) {
  const DmsimProgram dmsim;
  const Ended ended = dmsim.run({"generate", "--out", "none"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err, "dmsim: cannot write none/1.dms: No such file or directory\n");
}

TEST(Dmsim, AFileThatCannotBeWrittenToItsEndIsAFailure) {
  const DmsimProgram dmsim;
  const Ended ended = dmsim.shell("ln -s /dev/full 1.dms; dmsim generate --out .");
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err, "dmsim: cannot write ./1.dms: No space left on device\n");
}

struct Refusal {
  std::string name;
  std::vector<std::string> words;
  std::string message;  // its first line, without "dmsim: "
};

const std::vector<Refusal> refusals = {
    {"a_subcommand_that_there_is_not", {"frobnicate"}, "there is no subcommand 'frobnicate'"},
    {"an_option_that_there_is_not", {"replay", "--frob", "a.dms"}, "there is no option '--frob'"},
    {"a_misspelled_subcommand", {"repaly"}, "there is no subcommand 'repaly'; did you mean 'replay'?"},
    {"a_misspelled_option",
     {"replay", "--shedule=random", "a.dms"},
     "there is no option '--shedule=random'; did you mean '--schedule'?"},
    {"an_argument_too_many", {"explain", "a", "b"}, "'b' is one argument too many"},
    {"no_file", {"replay"}, "FILE is required"},
    {"a_file_that_there_is_not", {"replay", "none.dms"}, "none.dms: No such file or directory"},
    {"a_negative_seed",
     {"replay", "--seed", "-1", "a.dms"},
     "--seed: '-1' is not a whole number from 0 to 18446744073709551615"},
    {"a_seed_that_is_too_large",
     {"generate", "--seed", "18446744073709551616"},
     "--seed: '18446744073709551616' is not a whole number from 0 to 18446744073709551615"},
    {"a_seed_with_something_behind_it",
     {"generate", "--seed", "7a"},
     "--seed: '7a' is not a whole number from 0 to 18446744073709551615"},
    {"a_count_of_nothing",
     {"generate", "--count", "0"},
     "--count: '0' is not a whole number from 1 to 18446744073709551615"},
    {"a_schedule_that_there_is_not",
     {"replay", "--schedule", "rr", "a.dms"},
     "--schedule: 'rr' is not one of fifo, random"},
    {"a_misspelled_word_of_a_list",
     {"replay", "--schedule", "randm", "a.dms"},
     "--schedule: 'randm' is not one of fifo, random; did you mean 'random'?"},
    {"a_topic_that_there_is_not", {"help", "frobnicate"}, "there is no help on 'frobnicate'"},
    {"the_manual_of_nothing", {"manual"}, "either --output or --markdown is required"},
    {"the_section_of_a_subcommand_that_there_is_not",
     {"manual", "--markdown", "frobnicate"},
     "there is no subcommand 'frobnicate'"},
    {"a_batch_of_nothing",
     {"clone", "--batch", "0", "a", "b"},
     "--batch: '0' is not a whole number from 1 to 4294967295"},
};

class Refuses : public testing::TestWithParam<Refusal> {};

TEST_P(Refuses, WithAReason) {
  const Ended ended = DmsimProgram().run(GetParam().words);
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.out, "");
  EXPECT_EQ(ended.err.substr(0, ended.err.find('\n')), "dmsim: " + GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(Dmsim, Refuses, testing::ValuesIn(refusals),
                         [](const auto& info) { return info.param.name; });

}  // namespace
