// SPDX-License-Identifier: GPL-2.0-or-later
// Words of table lines against what their targets declare.
#include "sim/tables/argument_words.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "dmcore/dm/args.h"

#include "sim/tables/explain.h"
#include "sim/tables/known_types.h"

namespace {

using namespace sim::tables;

std::vector<ArgumentWord> words_for(const std::string& type, const std::string& params,
                                    const dmclone::Dialect& dialect = dmclone::linux_dialect) {
  return argument_words_of({.start = 0, .length = 2048, .type = type, .params = params}, dialect);
}

// The words that something is wrong with: "WORD: what".
std::vector<std::string> problems(const std::string& type, const std::string& params) {
  std::vector<std::string> found;
  for (const ArgumentWord& word : words_for(type, params)) {
    if (!word.problem.empty()) found.push_back(word.text + ": " + word.problem);
    if (word.kind == ArgumentWord::Kind::missing) found.push_back("missing " + word.argument->name);
    if (word.kind == ArgumentWord::Kind::unknown_keyword) found.push_back(word.text + ": unknown");
    if (word.kind == ArgumentWord::Kind::left_over) found.push_back(word.text + ": left over");
    if (word.kind == ArgumentWord::Kind::ignored) found.push_back(word.text + ": ignored");
  }
  return found;
}
using Problems = std::vector<std::string>;

TEST(ArgumentWords, NothingIsWrongWithGoodLines) {
  EXPECT_EQ(problems("clone", "7:0 7:1 7:2 8 1 no_hydration 2 hydration_threshold 5"), Problems());
  EXPECT_EQ(problems("striped", "2 8 7:0 0 7:1 0"), Problems());
  EXPECT_EQ(problems("delay", "7:0 0 5 7:1 0 6"), Problems());
  EXPECT_EQ(problems("flakey", "7:0 0 1 1 6 drop_writes corrupt_bio_byte 1 R 2 3"), Problems());
  EXPECT_EQ(problems("zero", ""), Problems());
}

TEST(ArgumentWords, NumbersAreChecked) {
  EXPECT_EQ(problems("clone", "7:0 7:1 7:2 9"), Problems{"9: not a power of two"});
  EXPECT_EQ(problems("clone", "7:0 7:1 7:2 4"), Problems{"4: less than 8"});
  EXPECT_EQ(problems("clone", "7:0 7:1 7:2 4194304"), Problems{"4194304: more than 2097152"});
  EXPECT_EQ(problems("clone", "7:0 7:1 7:2 x"), Problems{"x: not a number"});
  EXPECT_EQ(problems("clone", "7:0 7:1 7:2 4294967304"), Problems{"4294967304: too large: it is read as 8"});
  EXPECT_EQ(problems("dust", "7:0 0 4294967296"), Problems{"4294967296: more than 1073741824"});
  EXPECT_EQ(problems("striped", "3 8 7:0 0 7:0 0 7:0 0").front(), "3: the length is not a multiple of it");
  EXPECT_EQ(problems("striped", "2 7 7:0 0 7:1 0"),
            Problems{"7: each device's part is not a multiple of it"});
}

TEST(ArgumentWords, WhatIsMissingIsNamed) {
  EXPECT_EQ(problems("clone", "7:0 7:1"), (Problems{"missing source device", "missing region size"}));
  EXPECT_EQ(problems("delay", "7:0 0 5 7:1"), (Problems{"missing start", "missing delay"}));
}

TEST(ArgumentWords, AHugeCountIsNotCountedOut) {
  EXPECT_EQ(problems("striped", "2048 1 7:0 0").size(), 2U);
}

TEST(ArgumentWords, GroupsAreCounted) {
  EXPECT_EQ(problems("clone", "7:0 7:1 7:2 8 2 no_hydration"), Problems{"2: but only 1 are left"});
  EXPECT_EQ(problems("clone", "7:0 7:1 7:2 8 3 no_hydration no_hydration no_hydration"),
            Problems{"3: more than 2"});
  EXPECT_EQ(problems("clone", "7:0 7:1 7:2 8 1 hydration"), Problems{"hydration: unknown"});
  EXPECT_EQ(problems("clone", "7:0 7:1 7:2 8 0 1 hydration_threshold 5").front(),
            "hydration_threshold: it takes 1 more, but the core arguments that were announced end after 0");
}

TEST(ArgumentWords, FurtherWordsAreRefusedOrIgnored) {
  EXPECT_EQ(problems("linear", "7:0 0 1"), Problems{"1: left over"});
  EXPECT_EQ(problems("clone", "7:0 7:1 7:2 8 0 0 more"), Problems{"more: ignored"});
  EXPECT_EQ(problems("error", "what ever"), (Problems{"what: ignored", "ever: ignored"}));
}

TEST(ArgumentWords, EachDialectHasItsOwn) {
  const auto rfc1 = words_for("clone", "7:0 7:1 7:2 8 0 2 hydration_block_size 16", dmclone::rfc1_dialect);
  EXPECT_EQ(rfc1[1].argument->name, "clone device");
  EXPECT_EQ(rfc1[6].kind, ArgumentWord::Kind::keyword);
  EXPECT_EQ(words_for("clone", "7:0 7:1 7:2 8 0 2 hydration_block_size 16")[6].kind,
            ArgumentWord::Kind::unknown_keyword);
}

TEST(ArgumentWords, EveryTypeThatAMachineHasIsDeclared) {
  sim::Machine machine;
  for (const dmcore::TargetType& type : machine.dm().target_types()) {
    EXPECT_TRUE(is_known_type(type.name)) << type.name;
    EXPECT_TRUE(type.arguments) << type.name;
  }
}

}  // namespace
