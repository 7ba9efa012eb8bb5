// SPDX-License-Identifier: GPL-2.0-or-later
// What each argument means, in words, from what its target declares.
#include <fmt/format.h>
#include <set>

#include "sim/tables/amounts.h"
#include "sim/tables/explain.h"
#include "sim/tables/known_types.h"
#include "sim/text/spelling.h"

namespace sim::tables {

namespace {

using dmcore::Argument;
using dmcore::Keyword;
using dmcore::KeywordGroup;
using dmcore::sector_t;
using Kind = ArgumentWord::Kind;

std::string counted(std::uint64_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

// "64 regions of 4 KiB = 256 KiB". What overflows is larger than any device.
std::string regions_text(std::uint64_t regions, sector_t region_size) {
  const auto sectors = static_cast<unsigned __int128>(regions) * region_size;
  const std::string size =
      sectors > UINT64_MAX ? "more than any device has" : amount(static_cast<sector_t>(sectors));
  return fmt::format("{} of {} = {}", counted(regions, "region"), amount(region_size), size);
}

class Explaining {
 public:
  Explaining(const libdm::Target& target, const dmclone::Dialect& dialect)
      : target_(target),
        words_(argument_words_of(target, dialect)),
        references_(references_of(target, dialect)),
        region_size_(region_size_in(words_)) {}

  std::vector<ExplainedWord> run(const dmcore::TargetArguments& declared) {
    for (const ArgumentWord& word : words_) {
      std::string meaning = meaning_of(word);
      if (!word.problem.empty()) meaning += ": " + word.problem;
      explained_.push_back({word.kind == Kind::missing ? "(missing)" : word.text, std::move(meaning)});
    }
    for (const KeywordGroup* group : dmcore::keyword_groups(declared)) add_defaults(*group);
    return std::move(explained_);
  }

 private:
  [[nodiscard]] std::string meaning_of(const ArgumentWord& word) const {
    switch (word.kind) {
      case Kind::argument:
      case Kind::missing:
        return argument_text(word);
      case Kind::count:
        return fmt::format("so many {} follow", word.group->name);
      case Kind::keyword:
        return word.keyword->meaning;
      case Kind::unknown_keyword:
        return "unknown" +
               did_you_mean(word.text, names_of(*word.group), fmt::format("the {} are", word.group->name));
      case Kind::left_over:
        return "left over: the target takes no further argument";
      case Kind::ignored:
        return "ignored: further arguments mean nothing to the target";
    }
    return {};
  }

  [[nodiscard]] std::string argument_text(const ArgumentWord& word) const {
    // The one value of a keyword needs no name.
    const bool nameless = word.keyword != nullptr && word.keyword->values.size() == 1;
    std::string text = nameless ? "" : word.argument->name;
    // Which of several devices, or of which turn.
    if (word.sequence != nullptr) {
      const std::vector<std::string>& turns = word.sequence->turns;
      text += turns.empty() ? fmt::format(" {}", word.turn + 1) : fmt::format(" for {}", turns[word.turn]);
    }
    text += (nameless ? "" : ": ") + word.argument->meaning;
    const std::string value = value_text(word);
    if (!value.empty()) text += (word.argument->kind == Argument::Kind::device ? "; " : ": ") + value;
    return text;
  }

  // What a device must have, or what a number means.
  [[nodiscard]] std::string value_text(const ArgumentWord& word) const {
    if (word.kind == Kind::missing) return {};
    if (word.argument->kind == Argument::Kind::device) return needs_of(word.word);
    if (!word.number) return {};
    if (word.argument->kind == Argument::Kind::start && *word.number == 0) return "at its beginning";
    std::string text = number_text(*word.argument, *word.number);
    if (word.argument->sets_region) {
      text += fmt::format(", which makes {}",
                          counted(dmcore::div_round_up(target_.length, *word.number), "region"));
    }
    return text;
  }

  [[nodiscard]] std::string needs_of(std::size_t word) const {
    for (const Reference& reference : references_) {
      if (reference.word != word) continue;
      // Without a region size nothing is known about metadata.
      if (reference.role != Role::metadata)
        return fmt::format("needs {}", sectors_and_amount(reference.needed));
      if (!region_size_) return {};
      return fmt::format("needs {} to be formatted, {} for every commit",
                         sectors_and_amount(reference.needed), sectors_and_amount(reference.wanted));
    }
    return {};
  }

  [[nodiscard]] std::string number_text(const Argument& argument, std::uint64_t number) const {
    std::string in_unit = unit_text(argument, number);
    if (!argument.to_regions || !region_size_) return in_unit;
    const std::string regions = regions_text(argument.to_regions(number, *region_size_), *region_size_);
    return argument.unit == Argument::Unit::regions ? regions : fmt::format("{}: {}", in_unit, regions);
  }

  [[nodiscard]] static std::string unit_text(const Argument& argument, std::uint64_t number) {
    switch (argument.unit) {
      case Argument::Unit::none:
        return {};
      case Argument::Unit::bytes:
        return number % dmcore::sector_size == 0 ? amount(dmcore::to_sectors(number))
                                                 : counted(number, "byte");
      case Argument::Unit::sectors:
        return amount(number);
      case Argument::Unit::regions:
        return counted(number, "region");
      case Argument::Unit::milliseconds:
        return fmt::format("{} ms", number);
      case Argument::Unit::seconds:
        return fmt::format("{} s", number);
    }
    return {};
  }

  void add_default(std::string meaning) { explained_.push_back({"(default)", std::move(meaning)}); }

  void add_defaults(const KeywordGroup& group) {
    std::set<const Keyword*> given;
    for (const ArgumentWord& word : words_) {
      if (word.group == &group && word.keyword != nullptr) given.insert(word.keyword);
    }
    if (given.empty() && !group.when_empty.empty()) add_default(group.when_empty);
    for (const Keyword& keyword : group.keywords) {
      if (given.contains(&keyword)) continue;
      if (!keyword.when_absent.empty()) add_default(keyword.when_absent);
      if (keyword.default_value && region_size_)
        add_default_value(keyword, keyword.default_value(*region_size_));
    }
  }
  void add_default_value(const Keyword& keyword, std::uint64_t value) {
    const Argument& argument = keyword.values.front();
    add_default(
        fmt::format("{} {}: {}: {}", keyword.name, value, argument.meaning, number_text(argument, value)));
  }

  const libdm::Target& target_;
  std::vector<ArgumentWord> words_;
  std::vector<Reference> references_;
  std::optional<sector_t> region_size_;
  std::vector<ExplainedWord> explained_;
};

}  // namespace

std::vector<ExplainedWord> explain_arguments(const libdm::Target& target, const dmclone::Dialect& dialect) {
  const dmcore::TargetArguments* declared = declared_arguments(target.type, dialect);
  if (declared == nullptr) return {};
  return Explaining(target, dialect).run(*declared);
}

}  // namespace sim::tables
