// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/cli/options.h"

#include <algorithm>
#include <charconv>

#include "sim/text/printable.h"
#include "sim/text/spelling.h"

namespace sim::cli {

namespace {

// The name of the validator that such an option has; the validator's description is the list of words.
constexpr const char* choices_validator = "choices";
constexpr char choices_separator = '|';

}  // namespace

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

std::uint64_t whole_number(const std::string& option, const std::string& text, std::uint64_t min,
                           std::uint64_t max) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  const bool is_number = stop == end && error != std::errc::invalid_argument;
  if (is_number && error == std::errc() && number >= min && number <= max) return number;
  throw CLI::ValidationError(
      option, fmt::format("{} is not a whole number from {} to {}", in_quotes(text), min, max));
}

CLI::Option* add_choice(CLI::App& app, const std::string& name, const std::vector<std::string>& words,
                        std::function<void(std::size_t)> set, const std::string& description) {
  const auto place_of = [words](const std::string& word) {
    return static_cast<std::size_t>(std::find(words.begin(), words.end(), word) - words.begin());
  };
  // CLI11 takes an empty text as "valid".
  const auto check = [words, place_of](const std::string& word) {
    if (place_of(word) != words.size()) return std::string();
    const std::vector<std::string_view> known(words.begin(), words.end());
    return fmt::format("{} is not one of {}{}", in_quotes(word), fmt::join(words, ", "),
                       did_you_mean(word, known));
  };
  const std::string all = fmt::format("{}", fmt::join(words, std::string(1, choices_separator)));
  return app
      .add_option_function<std::string>(
          name, [set = std::move(set), place_of](const std::string& word) { set(place_of(word)); },
          description)
      ->check(CLI::Validator(check, all, choices_validator))
      ->option_text(all);
}

CLI::Option* add_choices(CLI::App& app, const std::string& name, const std::vector<std::string>& words,
                         std::function<void(std::size_t)> set, const std::string& description) {
  return add_choice(app, name, words, std::move(set), description)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->trigger_on_parse()
      ->allow_extra_args(false);
}

std::vector<std::string> choices_of(CLI::Option& option) {
  try {
    return CLI::detail::split(option.get_validator(choices_validator)->get_description(), choices_separator);
  } catch (const CLI::OptionNotFound&) {
    return {};
  }
}

}  // namespace sim::cli
