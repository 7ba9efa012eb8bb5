// SPDX-License-Identifier: GPL-2.0-or-later
// Options whose values are checked, and refused with a reason.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <fmt/format.h>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace sim::cli {

// The value of a number's option; throws CLI::ValidationError.
std::uint64_t whole_number(const std::string& option, const std::string& text, std::uint64_t min,
                           std::uint64_t max);
// Which of `names` a text is; throws CLI::ValidationError.
std::size_t choice(const std::string& option, const std::string& text, const std::vector<std::string>& names);

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

// One of several words, which stand for values.
template <class Value>
CLI::Option* add_choice_option(CLI::App& app, const std::string& name, Value& target,
                               const std::vector<std::pair<std::string, Value>>& choices,
                               const std::string& description) {
  std::vector<std::string> names;
  std::string default_name;
  for (const auto& [text, value] : choices) {
    names.push_back(text);
    if (value == target) default_name = text;
  }
  const auto set = [&target, name, choices, names](const std::string& text) {
    target = choices[choice(name, text, names)].second;
  };
  return app.add_option_function<std::string>(name, set, description)
      ->option_text(fmt::format("{}", fmt::join(names, "|")))
      ->default_str(default_name);
}

}  // namespace sim::cli
