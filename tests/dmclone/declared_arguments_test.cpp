// SPDX-License-Identifier: GPL-2.0-or-later
// What each type of target declares about its arguments is what its constructor accepts.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <variant>

#include "dmcore/targets/targets.h"

#include "dmclone/clone_arguments.h"
#include "dmclone/clone_target.h"

#include "tests/rig/dm_machine.h"
#include "tests/support/sample_table.h"

namespace {

using dmcore::Argument;
using dmcore::Keyword;
using dmcore::KeywordGroup;
using dmcore::NumberFormat;
using dmcore::TargetArguments;
using test::joined;
using test::sample_arguments;
using Words = std::vector<std::string>;

struct DeclaredType {
  std::string name;
  std::string type;
  const dmclone::Dialect* dialect = &dmclone::linux_dialect;
  std::function<TargetArguments()> arguments;
};

std::vector<DeclaredType> declared_types() {
  std::vector<DeclaredType> types;
  for (const auto& make : dmcore::standard_target_types) {
    const dmcore::TargetType type = make();
    types.push_back({.name = type.name, .type = type.name, .arguments = type.arguments});
  }
  for (const dmclone::Dialect* dialect : dmclone::dialects()) {
    types.push_back({.name = fmt::format("clone_{}", dialect->name),
                     .type = "clone",
                     .dialect = dialect,
                     .arguments = [dialect] { return dmclone::clone_arguments(*dialect); }});
  }
  return types;
}

class DeclaredArguments : public testing::TestWithParam<DeclaredType> {
 protected:
  static constexpr dmcore::sector_t length = 2048;

  DeclaredArguments() {
    for (int i = 0; i < 3; ++i) disks_.push_back(&bench_.add_disk(4 * length));
  }

  // Why a line with these words is refused; empty if it is accepted.
  std::string refusal(const Words& words) {
    std::string text;
    // No metadata of an earlier line, which would have to fit.
    const std::vector<std::byte> zeroes(dmcore::to_bytes(dmclone::metadata_block_sectors));
    EXPECT_TRUE(disks_.front()->poke(0, zeroes).ok());
    bench_.run([&] { text = bench_.refusal(length, GetParam().type, joined(words)); });
    return text;
  }
  void expect_accepted(const Words& words) { EXPECT_EQ(refusal(words), "") << joined(words); }
  void expect_refused(const Words& words) { EXPECT_NE(refusal(words), "") << joined(words); }

  // Calls `visit` with a sample that has the argument, and its place in there.
  template <class Visit>
  void for_each_argument(Visit visit) {
    const Words plain = sample_arguments(declared_);
    std::size_t at = 0;
    const auto in_order = [&](const std::vector<Argument>& arguments, const Words& words, std::size_t first) {
      for (std::size_t i = 0; i < arguments.size(); ++i) visit(arguments[i], words, first + i);
    };
    for (const dmcore::ArgumentPart& part : declared_.parts) {
      if (const auto* argument = std::get_if<Argument>(&part)) {
        visit(*argument, plain, at++);
      } else if (const auto* sequence = std::get_if<dmcore::Sequence>(&part)) {
        in_order(sequence->arguments, plain, at);
        at += sequence->arguments.size();
      }
    }
    for_each_keyword([&](const KeywordGroup& group, const Keyword& keyword) {
      const Words words = sample_arguments(declared_, group, keyword);
      in_order(keyword.values, words, words.size() - keyword.values.size());
    });
  }
  template <class Visit>
  void for_each_keyword(Visit visit) {
    for (const KeywordGroup* group : dmcore::keyword_groups(declared_)) {
      for (const Keyword& keyword : group->keywords) visit(*group, keyword);
    }
  }
  template <class Visit>
  void for_each_number(Visit visit) {
    for_each_argument([&](const Argument& argument, const Words& words, std::size_t at) {
      if (argument.kind == Argument::Kind::number) visit(argument, words, at);
    });
  }

  const TargetArguments declared_ = GetParam().arguments();
  std::vector<sim::VirtualDisk*> disks_;
  test::DmMachine bench_{sim::Schedule(), *GetParam().dialect};
};

Words replaced(Words words, std::size_t at, std::string text) {
  words[at] = std::move(text);
  return words;
}

TEST_P(DeclaredArguments, AreEnough) {
  expect_accepted(sample_arguments(declared_));
}

TEST_P(DeclaredArguments, AreAllNeeded) {
  Words words = sample_arguments(declared_);
  while (!words.empty()) {
    words.pop_back();
    expect_refused(words);
  }
}

TEST_P(DeclaredArguments, AreFollowedByNothingElseUnlessItIsIgnored) {
  Words words = sample_arguments(declared_);
  // Empty groups, so that the word is not the count of one.
  for (std::size_t i = 0; i < dmcore::keyword_groups(declared_).size(); ++i) words.emplace_back("0");
  expect_accepted(words);
  words.emplace_back("further");
  EXPECT_EQ(refusal(words).empty(), declared_.ignores_rest) << joined(words);
}

TEST_P(DeclaredArguments, NumbersThatAreTooSmallAreRefused) {
  for_each_number([&](const Argument& argument, const Words& words, std::size_t at) {
    if (argument.min != 0) expect_refused(replaced(words, at, fmt::format("{}", argument.min - 1)));
  });
}

TEST_P(DeclaredArguments, SmallestNumbersAreAccepted) {
  for_each_number([&](const Argument& argument, const Words& words, std::size_t at) {
    expect_accepted(replaced(words, at, fmt::format("{}", argument.min)));
  });
}

TEST_P(DeclaredArguments, NumbersThatAreTooLargeAreRefused) {
  for_each_number([&](const Argument& argument, const Words& words, std::size_t at) {
    const std::string text =
        argument.max == UINT64_MAX ? "18446744073709551616" : fmt::format("{}", argument.max + 1);
    const auto read = dmcore::read_number(argument.format, text);
    const bool wraps = read.ok() && *read <= argument.max;
    if (!wraps) expect_refused(replaced(words, at, text));
  });
}

TEST_P(DeclaredArguments, LargestNumbersAreAcceptedWhereTheyNeedNoSpace) {
  for_each_number([&](const Argument& argument, const Words& words, std::size_t at) {
    const bool needs_space =
        argument.divides != Argument::Divides::nothing || argument.unit == Argument::Unit::bytes;
    if (needs_space) return;
    Words largest = replaced(words, at, fmt::format("{}", argument.max));
    // Of intervals that take turns the sum has to fit: the others are 0.
    for_each_number([&](const Argument& other, const Words&, std::size_t other_at) {
      const bool takes_turns = argument.unit == Argument::Unit::seconds && other.unit == argument.unit;
      if (!takes_turns || other_at == at) return;
      expect_refused(largest);
      largest[other_at] = "0";
    });
    expect_accepted(largest);
  });
}

TEST_P(DeclaredArguments, PowersOfTwoAreNeededWhereDeclared) {
  for_each_number([&](const Argument& argument, const Words& words, std::size_t at) {
    const Words odd = replaced(words, at, fmt::format("{}", 3 * std::max<std::uint64_t>(argument.min, 1)));
    if (argument.power_of_two) expect_refused(odd);
  });
}

TEST_P(DeclaredArguments, WhatIsNoNumberIsRefused) {
  for_each_argument([&](const Argument& argument, const Words& words, std::size_t at) {
    if (argument.kind == Argument::Kind::device || argument.kind == Argument::Kind::choice) return;
    for (const char* text : {"x", "8x", "-1"}) expect_refused(replaced(words, at, text));
  });
}

TEST_P(DeclaredArguments, NumbersAreReadAsDeclared) {
  for_each_number([&](const Argument& argument, const Words& words, std::size_t at) {
    const std::string number = fmt::format("+{}", std::max<std::uint64_t>(argument.min, 1));
    EXPECT_EQ(refusal(replaced(words, at, number)).empty(), argument.format == NumberFormat::parsed)
        << argument.name;
  });
}

TEST_P(DeclaredArguments, DevicesAreLookedUp) {
  for_each_argument([&](const Argument& argument, const Words& words, std::size_t at) {
    if (argument.kind == Argument::Kind::device) expect_refused(replaced(words, at, "99:99"));
  });
}

TEST_P(DeclaredArguments, ChoicesAreAccepted) {
  for_each_argument([&](const Argument& argument, const Words& words, std::size_t at) {
    for (const std::string_view choice : argument.choices) {
      expect_accepted(replaced(words, at, std::string(choice)));
      std::string upper(choice);
      for (char& c : upper) c = static_cast<char>(std::toupper(c));
      expect_accepted(replaced(words, at, upper));
    }
    if (argument.kind == Argument::Kind::choice) expect_refused(replaced(words, at, "other"));
  });
}

TEST_P(DeclaredArguments, KeywordsAreAcceptedInAnyCase) {
  for_each_keyword([&](const KeywordGroup& group, const Keyword& keyword) {
    Words words = sample_arguments(declared_, group, keyword);
    expect_accepted(words);
    std::string& word = words[words.size() - keyword.values.size() - 1];
    for (char& c : word) c = static_cast<char>(std::toupper(c));
    expect_accepted(words);
  });
}

TEST_P(DeclaredArguments, KeywordsNeedAllTheirValues) {
  for_each_keyword([&](const KeywordGroup& group, const Keyword& keyword) {
    Words words = sample_arguments(declared_, group, keyword);
    const std::size_t count = words.size() - keyword.values.size() - 2;
    for (std::size_t left = keyword.values.size(); left > 0; --left) {
      words.pop_back();
      words[count] = fmt::format("{}", left);
      expect_refused(words);
    }
  });
}

TEST_P(DeclaredArguments, OtherKeywordsAreRefused) {
  // Those of other targets, and of the other dialect, are as unknown as any word.
  Words others = {"other", ""};
  for (const DeclaredType& type : declared_types()) {
    const TargetArguments declared = type.arguments();
    for (const KeywordGroup* group : dmcore::keyword_groups(declared)) {
      for (const Keyword& keyword : group->keywords) others.emplace_back(keyword.name);
    }
  }
  for_each_keyword([&](const KeywordGroup& group, const Keyword& keyword) {
    for (const std::string& other : others) {
      const bool known = std::any_of(group.keywords.begin(), group.keywords.end(),
                                     [&](const Keyword& one) { return one.name == other; });
      Words words = sample_arguments(declared_, group, keyword);
      words[words.size() - keyword.values.size() - 1] = other;
      if (!known) expect_refused(words);
    }
  });
}

TEST_P(DeclaredArguments, GroupsHoldAsManyWordsAsDeclared) {
  for_each_keyword([&](const KeywordGroup& group, const Keyword& keyword) {
    Words words = sample_arguments(declared_, group, keyword);
    const std::size_t count = words.size() - keyword.values.size() - 2;
    words[count] = fmt::format("{}", group.words_max + 1);
    while (words.size() < count + 2 + group.words_max)
      words.push_back(words[words.size() - keyword.values.size() - 1]);
    expect_refused(words);
    EXPECT_LE(1 + keyword.values.size(), group.words_max);
  });
}

INSTANTIATE_TEST_SUITE_P(Types, DeclaredArguments, testing::ValuesIn(declared_types()),
                         [](const auto& each) { return each.param.name; });

// A device that was made without core arguments shows what they are by default.
TEST(DeclaredDefaults, AreThoseOfANewClone) {
  for (const dmclone::Dialect* dialect : dmclone::dialects()) {
    for (const unsigned region_size : {8U, 1024U, 4096U}) {
      test::DmMachine bench(sim::Schedule(), *dialect);
      for (int i = 0; i < 3; ++i) bench.add_disk(8192);
      const TargetArguments declared = dmclone::clone_arguments(*dialect);
      std::string expected = "4";
      for (const Keyword& keyword : dmcore::keyword_groups(declared).back()->keywords)
        expected += fmt::format(" {} {}", keyword.name, keyword.default_value(region_size));
      bench.run([&] {
        bench.make("c", 8192, "clone", fmt::format("7:0 7:1 7:2 {} 1 no_hydration", region_size));
        EXPECT_NE(bench.status("c").find(expected), std::string::npos) << bench.status("c") << expected;
      });
    }
  }
}

}  // namespace
