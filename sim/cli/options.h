// SPDX-License-Identifier: GPL-2.0-or-later
// Options whose values are checked, and refused with a reason.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <fmt/format.h>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace sim::cli {

// "-q" and "--quiet"; none of a positional argument.
std::vector<std::string> names_of(const CLI::Option& option);

// The value of a number's option; throws CLI::ValidationError.
std::uint64_t whole_number(const std::string& option, const std::string& text, std::uint64_t min,
                           std::uint64_t max);
// An option whose value is one of several words; `set` gets its place among them. Throws
// CLI::ValidationError for another word.
CLI::Option* add_choice(CLI::App& app, const std::string& name, const std::vector<std::string>& words,
                        std::function<void(std::size_t)> set, const std::string& description);
// The same for one that may be given several times: `set` is called for each.
CLI::Option* add_choices(CLI::App& app, const std::string& name, const std::vector<std::string>& words,
                         std::function<void(std::size_t)> set, const std::string& description);
// The words of an option that add_choice() has added; of any other one, none.
std::vector<std::string> choices_of(CLI::Option& option);

// A whole number from `min` to `max`, in decimal digits.
template <class Number>
CLI::Option* add_number_option(CLI::App& app, const std::string& name, Number& target,
                               const std::string& description, Number min = 0,
                               Number max = std::numeric_limits<Number>::max()) {
  const auto set = [&target, name, min, max](const std::string& text) {
    target = static_cast<Number>(whole_number(name, text, min, max));
  };
  return app.add_option_function<std::string>(name, set, description)
      ->option_text("N")
      ->default_str(fmt::format("{}", target));
}

// The same for words that have values.
template <class Value>
CLI::Option* add_choice_option(CLI::App& app, const std::string& name, Value& target,
                               const std::vector<std::pair<std::string, Value>>& choices,
                               const std::string& description) {
  std::vector<std::string> words;
  std::string default_word;
  for (const auto& [word, value] : choices) {
    words.push_back(word);
    if (value == target) default_word = word;
  }
  const auto set = [&target, choices](std::size_t index) { target = choices[index].second; };
  return add_choice(app, name, words, set, description)->default_str(default_word);
}

}  // namespace sim::cli
