// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/argument_words.h"

#include <algorithm>
#include <fmt/format.h>

namespace sim::tables {

namespace {

using dmcore::Argument;
using dmcore::Keyword;
using dmcore::KeywordGroup;
using dmcore::Sequence;
using Kind = ArgumentWord::Kind;

class Matching {
 public:
  Matching(const std::vector<std::string>& words, dmcore::sector_t length) : words_(words), length_(length) {}

  std::vector<ArgumentWord> run(const dmcore::TargetArguments& declared) {
    for (const dmcore::ArgumentPart& part : declared.parts) std::visit([&](const auto& p) { take(p); }, part);
    while (more()) add(declared.ignores_rest ? Kind::ignored : Kind::left_over);
    return std::move(found_);
  }

 private:
  [[nodiscard]] bool more() const { return at_ < words_.size(); }
  [[nodiscard]] std::size_t left() const { return words_.size() - at_; }

  ArgumentWord& add(Kind kind) {
    ArgumentWord& word = found_.emplace_back();
    word.kind = kind;
    word.word = at_;
    if (kind != Kind::missing) word.text = words_[at_++];
    return word;
  }

  ArgumentWord& take(const Argument& argument) {
    ArgumentWord& word = add(more() ? Kind::argument : Kind::missing);
    word.argument = &argument;
    if (word.kind == Kind::argument) check(word);
    return word;
  }

  void take(const Sequence& sequence) {
    const std::size_t turns = turns_of(sequence);
    for (std::size_t turn = 0; turn < turns; ++turn) {
      // Turns that are not counted may be left out, except for the first.
      if (!more() && sequence.times_of.empty() && turn != 0) return;
      const bool last = !more();
      for (const Argument& argument : sequence.arguments) {
        ArgumentWord& word = take(argument);
        word.sequence = &sequence;
        word.turn = turn;
        word.turns = turns;
      }
      if (last) return;
    }
  }

  [[nodiscard]] std::size_t turns_of(const Sequence& sequence) const {
    if (sequence.times_of.empty()) return sequence.turns.size();
    for (const ArgumentWord& word : found_) {
      if (word.argument != nullptr && word.argument->name == sequence.times_of)
        return word.number.value_or(0);
    }
    return 0;
  }

  void take(const KeywordGroup& group) {
    if (!more()) return;
    ArgumentWord& count = add(Kind::count);
    count.group = &group;
    count.number = dmcore::scan_u32(count.text);
    if (!count.number) {
      count.problem = "not a number";
    } else if (*count.number > group.words_max) {
      count.problem = fmt::format("more than {}", group.words_max);
    } else if (*count.number > left()) {
      count.problem = fmt::format("but only {} are left", left());
    }
    const std::size_t end = at_ + std::min<std::size_t>(count.number.value_or(0), left());
    while (at_ < end) take_keyword(group, end);
  }

  void take_keyword(const KeywordGroup& group, std::size_t end) {
    const auto keyword = std::find_if(
        group.keywords.begin(), group.keywords.end(),
        [&](const Keyword& known) { return dmcore::equal_ignoring_case(known.name, words_[at_]); });
    const bool known = keyword != group.keywords.end();
    ArgumentWord& word = add(known ? Kind::keyword : Kind::unknown_keyword);
    word.group = &group;
    if (!known) return;
    word.keyword = &*keyword;
    const std::size_t in_group = end - at_;
    if (in_group < keyword->values.size())
      word.problem = fmt::format("it takes {} more, but the {} that were announced end after {}",
                                 keyword->values.size(), group.name, in_group);
    for (const Argument& argument : keyword->values) {
      ArgumentWord& value = take(argument);
      value.group = &group;
      value.keyword = &*keyword;
    }
  }

  void check(ArgumentWord& word) {
    const Argument& argument = *word.argument;
    switch (argument.kind) {
      case Argument::Kind::device:
        return;
      case Argument::Kind::choice:
        if (std::none_of(argument.choices.begin(), argument.choices.end(), [&](std::string_view choice) {
              return dmcore::equal_ignoring_case(choice, word.text);
            }))
          word.problem = fmt::format("not one of {}", fmt::join(argument.choices, ", "));
        return;
      case Argument::Kind::start:
      case Argument::Kind::number:
        check_number(word, argument);
        return;
    }
  }

  void check_number(ArgumentWord& word, const Argument& argument) {
    const auto number = dmcore::read_number(argument.format, word.text);
    if (!number.ok() && number.error() == dmcore::Errno::inval) {
      word.problem = "not a number";
    } else if (!number.ok() || *number > argument.max) {
      word.problem = fmt::format("more than {}", argument.max);
    } else if (*number < argument.min) {
      word.problem = fmt::format("less than {}", argument.min);
    } else if (argument.power_of_two && !dmcore::is_power_of_2(*number)) {
      word.problem = "not a power of two";
    } else {
      word.number = *number;
      const auto exact = dmcore::parse_u64(word.text);
      if (!exact.ok() || *exact != *number)
        word.problem = fmt::format("too large: it is read as {}", *number);
      check_division(word, argument);
    }
  }

  void check_division(ArgumentWord& word, const Argument& argument) {
    switch (argument.divides) {
      case Argument::Divides::nothing:
        return;
      case Argument::Divides::length:
        if (length_ % *word.number != 0) word.problem = "the length is not a multiple of it";
        share_ = length_ / *word.number;
        return;
      case Argument::Divides::share:
        if (share_ % *word.number != 0) word.problem = "each device's part is not a multiple of it";
        return;
    }
  }

  const std::vector<std::string>& words_;
  dmcore::sector_t length_;
  dmcore::sector_t share_ = length_;
  std::size_t at_ = 0;
  std::vector<ArgumentWord> found_;
};

}  // namespace

std::vector<ArgumentWord> match_arguments(const dmcore::TargetArguments& declared,
                                          const std::vector<std::string>& words, dmcore::sector_t length) {
  return Matching(words, length).run(declared);
}

std::vector<std::string_view> names_of(const dmcore::KeywordGroup& group) {
  std::vector<std::string_view> names;
  for (const Keyword& keyword : group.keywords) names.push_back(keyword.name);
  return names;
}

std::optional<dmcore::sector_t> region_size_in(const std::vector<ArgumentWord>& words) {
  for (const ArgumentWord& word : words) {
    if (word.argument != nullptr && word.argument->sets_region) return word.number;
  }
  return std::nullopt;
}

}  // namespace sim::tables
