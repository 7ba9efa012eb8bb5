// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/text/spelling.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace sim {
namespace {

// Longer words are not misspelled names, and the time that a comparison takes is bounded.
constexpr std::size_t letters_max = 64;
// The shortest abbreviation that is recognized.
constexpr std::size_t abbreviation_min = 3;

std::string folded(std::string_view word) {
  std::string out(word);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-') c = '_';
  }
  return out;
}

// Two letters are exchanged more often than one is missing, added or wrong.
constexpr std::size_t cost_of_exchange = 2;
constexpr std::size_t cost_of_others = 3;

// The Damerau-Levenshtein distance of two words, without overlapping exchanges.
std::size_t distance(std::string_view a, std::string_view b) {
  std::array<std::size_t, letters_max + 1> before_last{};
  std::array<std::size_t, letters_max + 1> last{};
  std::array<std::size_t, letters_max + 1> row{};
  for (std::size_t j = 0; j <= b.size(); j++) last[j] = j * cost_of_others;
  for (std::size_t i = 1; i <= a.size(); i++) {
    row[0] = i * cost_of_others;
    for (std::size_t j = 1; j <= b.size(); j++) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : cost_of_others);
      row[j] = std::min({last[j] + cost_of_others, row[j - 1] + cost_of_others, replaced});
      const bool exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (exchanged) row[j] = std::min(row[j], before_last[j - 2] + cost_of_exchange);
    }
    before_last = last;
    last = row;
  }
  return last[b.size()];
}

}  // namespace

std::optional<std::string_view> nearest_word(std::string_view word, std::span<const std::string_view> known) {
  if (word.empty() || word.size() > letters_max) return std::nullopt;
  const std::string wanted = folded(word);
  std::optional<std::string_view> best;
  std::size_t best_distance = cost_of_others * std::max<std::size_t>(1, wanted.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    if (candidate.size() > letters_max) continue;
    const std::string name = folded(candidate);
    const bool abbreviated = wanted.size() >= abbreviation_min && name.starts_with(wanted);
    const std::size_t cost = abbreviated ? (name == wanted ? 0 : cost_of_others) : distance(wanted, name);
    // A name that has nothing in common with the word was not meant.
    if (cost >= best_distance || cost >= cost_of_others * name.size()) continue;
    best = candidate;
    best_distance = cost;
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  const auto nearest = nearest_word(word, known);
  return nearest ? fmt::format("; did you mean '{}'?", *nearest) : std::string();
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known,
                         std::string_view intro) {
  const std::string suggestion = did_you_mean(word, known);
  return suggestion.empty() ? fmt::format("; {} {}", intro, fmt::join(known, ", ")) : suggestion;
}

}  // namespace sim
