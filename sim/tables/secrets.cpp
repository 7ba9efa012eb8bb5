// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/secrets.h"

#include <algorithm>
#include <array>
#include <boost/regex.hpp>
#include <cctype>
#include <fmt/format.h>

#include "sim/tables/foreign_types.h"
#include "sim/tables/known_types.h"
#include "sim/tables/text.h"

namespace sim::tables {

namespace {

// TYPE CIPHER KEY ...; the key as hexadecimal digits or ":SIZE:TYPE:DESCRIPTION" of one in the kernel's
// keyring.
constexpr std::array ciphers = {std::string_view("crypt"), std::string_view("default-key"),
                                std::string_view("inlinecrypt")};
constexpr std::size_t cipher_key = 1;

// Options "NAME:ALGORITHM:KEY" of integrity.
constexpr std::string_view keyed_type = "integrity";
constexpr std::array keyed_options = {std::string_view("internal_hash:"), std::string_view("journal_crypt:"),
                                      std::string_view("journal_mac:")};

// Words, and what a concise list has between them.
constexpr std::string_view between = " \t\r\n\v\f,;";

bool is_cipher(std::string_view type) {
  return std::find(ciphers.begin(), ciphers.end(), type) != ciphers.end();
}

// The option without its key; an empty text if the word is no such option.
std::string option_without_key(std::string_view word) {
  for (const std::string_view option : keyed_options) {
    if (!word.starts_with(option)) continue;
    const auto key = word.find(':', option.size());
    if (key == std::string_view::npos) return std::string(word);
    return fmt::format("{}:{}", word.substr(0, key), hidden_key);
  }
  return {};
}

// Types that are known to have no key among their arguments.
bool is_keyless(std::string_view type) {
  return (is_known_type(type) || is_foreign_type(type)) && !is_cipher(type) && type != keyed_type;
}

// All of a key, or a piece of one that was torn from it. What has only digits may be that, too, but a short
// one is a number of sectors.
bool looks_like_key(std::string_view word) {
  static const boost::regex in_keyring(R"(:?[0-9]*:(logon|user|encrypted|trusted):.*)");
  if (boost::regex_match(word.begin(), word.end(), in_keyring)) return true;
  constexpr std::size_t digits_of_number = 15;
  constexpr std::size_t piece_min = 4;
  const auto is = [](int (*kind)(int)) {
    return [kind](char c) { return kind(static_cast<unsigned char>(c)) != 0; };
  };
  if (word.size() < piece_min || !std::all_of(word.begin(), word.end(), is(std::isxdigit))) return false;
  return word.size() > digits_of_number || !std::all_of(word.begin(), word.end(), is(std::isdigit));
}

}  // namespace

std::vector<std::string> without_keys(std::string_view type, std::vector<std::string> arguments) {
  if (is_cipher(type) && arguments.size() > cipher_key) arguments[cipher_key] = hidden_key;
  for (std::string& argument : arguments) {
    std::string hidden = option_without_key(argument);
    if (!hidden.empty()) argument = std::move(hidden);
  }
  return arguments;
}

std::string without_keys(std::string_view text) {
  std::string out;
  unsigned numbers = 0;  // of the words just before
  while (!text.empty()) {
    const auto begin = std::min(text.find_first_not_of(between), text.size());
    out += text.substr(0, begin);
    text.remove_prefix(begin);
    const std::string_view word = text.substr(0, text.find_first_of(between));
    text.remove_prefix(word.size());
    const std::string option = option_without_key(word);
    if (!option.empty()) {
      out += option;
    } else if (looks_like_key(word)) {
      out += hidden_key;
    } else {
      out += word;
    }
    // START LENGTH TYPE: of a type that is not known, any argument may be a key.
    const bool unknown_type = numbers >= 2 && !whole_number(word) && !is_known_type(word);
    if ((is_cipher(word) || unknown_type) && !text.empty()) return out + " (arguments not shown)";
    numbers = whole_number(word) ? numbers + 1 : 0;
  }
  return out;
}

bool may_hold_keys(std::string_view file) {
  for (std::string_view line : lines_of(file)) {
    unsigned numbers = 0;  // of the words just before
    for (auto begin = line.find_first_not_of(between); begin != std::string_view::npos;
         begin = line.find_first_not_of(between)) {
      line.remove_prefix(begin);
      const std::string_view word = line.substr(0, line.find_first_of(between));
      line.remove_prefix(word.size());
      const bool has_key = !option_without_key(word).empty() || looks_like_key(word);
      if (has_key || is_cipher(word) || word == keyed_type) return true;
      // START LENGTH TYPE
      const bool number = whole_number(word).has_value();
      if (numbers >= 2 && !number && !is_keyless(word)) return true;
      numbers = number ? numbers + 1 : 0;
    }
  }
  return false;
}

}  // namespace sim::tables
