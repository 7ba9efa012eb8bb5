// SPDX-License-Identifier: GPL-2.0-or-later
// The dictionary for tables has all words that the targets declare, and the ends of their ranges.
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <string>

#include "sim/machine/machine.h"

#include "tests/support/source_tree.h"

namespace {

using dmcore::Argument;

// The entries, without the blanks around them.
std::set<std::string> table_dictionary() {
  std::ifstream file(test::source_dir() / "tests/fuzz/dictionaries/table.dict");
  std::set<std::string> words;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with('"') || !line.ends_with('"')) continue;
    const auto first = line.find_first_not_of(" \"");
    if (first != std::string::npos)
      words.insert(line.substr(first, line.find_last_not_of(" \"") - first + 1));
  }
  return words;
}

class DeclaredWords {
 public:
  std::set<std::string> run() {
    sim::Machine machine;
    for (const dmcore::TargetType& type : machine.dm().target_types()) {
      words_.insert(type.name);
      const dmcore::TargetArguments arguments = type.arguments();
      for (const dmcore::ArgumentPart& part : arguments.parts)
        std::visit([&](const auto& its) { add(its); }, part);
    }
    return std::move(words_);
  }

 private:
  void add(const Argument& argument) {
    for (const std::string_view choice : argument.choices) words_.emplace(choice);
    if (argument.kind != Argument::Kind::number) return;
    words_.insert(fmt::format("{}", argument.min));
    // All 32 or 64 bits are no limit of the target's own.
    if (argument.max >= UINT32_MAX) return;
    words_.insert(fmt::format("{}", argument.max));
    words_.insert(fmt::format("{}", argument.max + 1));
  }
  void add(const dmcore::Sequence& sequence) {
    for (const Argument& argument : sequence.arguments) add(argument);
  }
  void add(const dmcore::KeywordGroup& group) {
    for (const dmcore::Keyword& keyword : group.keywords) {
      words_.emplace(keyword.name);
      for (const Argument& argument : keyword.values) add(argument);
    }
  }

  std::set<std::string> words_;
};

TEST(TableDictionary, HasEveryDeclaredWord) {
  const std::set<std::string> dictionary = table_dictionary();
  ASSERT_GT(dictionary.size(), 30U);
  for (const std::string& word : DeclaredWords().run())
    EXPECT_TRUE(dictionary.contains(word))
        << "add \" " << word << " \" to tests/fuzz/dictionaries/table.dict";
}

}  // namespace
