// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/support/sample_table.h"

#include <algorithm>
#include <fmt/format.h>
#include <variant>

namespace test {

namespace {

using dmcore::Argument;
using dmcore::Keyword;
using dmcore::KeywordGroup;

class Sample {
 public:
  Sample(const KeywordGroup* group, const Keyword* keyword) : group_(group), keyword_(keyword) {}

  std::vector<std::string> run(const dmcore::TargetArguments& declared) {
    for (const dmcore::ArgumentPart& part : declared.parts) {
      if (done_) break;
      std::visit([&](const auto& its) { add(its); }, part);
    }
    return std::move(words_);
  }

 private:
  void add(const Argument& argument) {
    switch (argument.kind) {
      case Argument::Kind::device:
        return words_.push_back(fmt::format("7:{}", devices_++));
      case Argument::Kind::start:
        words_.emplace_back("0");
        return;
      case Argument::Kind::number:
        return words_.push_back(fmt::format("{}", std::max<std::uint64_t>(argument.min, 1)));
      case Argument::Kind::choice:
        words_.emplace_back(argument.choices.front());
        return;
    }
  }
  // Once: a number says 1.
  void add(const dmcore::Sequence& sequence) {
    for (const Argument& argument : sequence.arguments) add(argument);
  }
  void add(const KeywordGroup& group) {
    done_ = group_ == nullptr || group_ == &group;
    if (group_ == nullptr) return;
    if (group_ != &group) {
      words_.emplace_back("0");
      return;
    }
    words_.push_back(fmt::format("{}", 1 + keyword_->values.size()));
    words_.emplace_back(keyword_->name);
    for (const Argument& argument : keyword_->values) add(argument);
  }

  const KeywordGroup* group_;
  const Keyword* keyword_;
  std::vector<std::string> words_;
  unsigned devices_ = 0;
  bool done_ = false;
};

}  // namespace

std::vector<std::string> sample_arguments(const dmcore::TargetArguments& declared) {
  return Sample(nullptr, nullptr).run(declared);
}

std::vector<std::string> sample_arguments(const dmcore::TargetArguments& declared, const KeywordGroup& group,
                                          const Keyword& keyword) {
  return Sample(&group, &keyword).run(declared);
}

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

}  // namespace test
