// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/generate/table_words.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <map>

#include "dmcore/dm/target_arguments.h"

#include "sim/tables/known_types.h"

namespace sim::generate {
namespace {

using dmcore::Argument;
using dmcore::Keyword;
using dmcore::KeywordGroup;

const KeywordGroup& keyword_group(std::string_view type, std::size_t index) {
  return *dmcore::keyword_groups(*tables::declared_arguments(type, dmclone::linux_dialect)).at(index);
}
const KeywordGroup& clone_features() {
  return keyword_group("clone", 0);
}
const KeywordGroup& clone_core_arguments() {
  return keyword_group("clone", 1);
}
std::string name_of(const Keyword& keyword) {
  return std::string(keyword.name);
}

// Values worth trying, where these are not just the ends of the range.
const std::map<std::string, std::vector<std::string>>& special_values() {
  static const std::map<std::string, std::vector<std::string>> values = {
      {"byte", {"1", "7", "512"}},
      {"value", {"0", "65", "255", "256"}},
      {"flags", {"0", "0", "32", "4294967296"}},
  };
  return values;
}

// Right, or wrong by as little as possible.
std::string value_for(Random& random, const Argument& argument) {
  if (argument.kind == Argument::Kind::choice) {
    std::vector<std::string> words(argument.choices.begin(), argument.choices.end());
    words.push_back(words.front());
    words.emplace_back("x");
    return random.pick(words);
  }
  const auto special = special_values().find(argument.name);
  if (special != special_values().end()) return random.pick(special->second);
  return random.pick(
      {std::to_string(argument.min), std::to_string(argument.max), std::to_string(argument.max + 1)});
}

// None, one or several, in any order, also such as do not go together.
Words flakey_features(Random& random) {
  // What has values is more interesting than what has none, and what is unknown least of all.
  const KeywordGroup& group = keyword_group("flakey", 0);
  std::vector<unsigned> weights;
  for (const Keyword& keyword : group.keywords) weights.push_back(keyword.values.empty() ? 3 : 4);
  weights.push_back(1);
  Words features;
  for (std::uint64_t i = random.weighted({3, 6, 4, 1}); i > 0; i--) {
    const std::size_t which = random.weighted(weights);
    if (which == group.keywords.size()) {
      features.emplace_back(random.pick({"none", "random_read_corrupt", "DROP_WRITES"}));
      continue;
    }
    features.push_back(name_of(group.keywords[which]));
    for (const Argument& argument : group.keywords[which].values)
      features.push_back(value_for(random, argument));
  }
  if (features.empty() && random.chance(70)) return features;
  features.insert(features.begin(), std::to_string(features.size()));
  return features;
}

// Core arguments that are wrong, but for one thing right.
Words wrong_core_words(Random& random) {
  const std::string threshold = name_of(clone_core_arguments().keywords.front());
  const std::string batch = name_of(clone_core_arguments().keywords.back());
  return random.pick<Words>({{"1", threshold},
                             {"3", threshold, "1", batch},
                             {"2", threshold, odd_number(random)},
                             {"2", batch, odd_number(random)},
                             {"4", batch, "1", batch, odd_number(random)},
                             {"2", "threshold", "1"},
                             {"4", threshold, "1"},
                             {"5", threshold, "1", batch, "1", "x"},
                             {"2", "Hydration_Threshold", "9"},
                             {odd_number(random)}});
}

void add_features(Words& words, std::size_t count) {
  words.push_back(std::to_string(count));
  for (std::size_t i = 0; i < count; i++) words.push_back(name_of(clone_features().keywords[i]));
}

}  // namespace

std::string odd_number(Random& random) {
  return random.pick({"0",
                      "1",
                      "-1",
                      "2",
                      "3",
                      "7",
                      "8",
                      "12",
                      "16",
                      "1000",
                      "1048576",
                      "2097152",
                      "4294967295",
                      "4294967296",
                      "18446744073709551615",
                      "18446744073709551616",
                      "0x10",
                      "010",
                      "+8",
                      "8.",
                      "8x",
                      "eight",
                      "1e3",
                      "2147483648",
                      "9223372036854775807",
                      "99999999999999999999999"});
}

std::string join(const Words& words) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

Words clone_words(Random& random, const Device& metadata, const Device& destination, const Device& source) {
  const std::vector<Keyword>& core = clone_core_arguments().keywords;
  Words words = {metadata.path(), destination.path(), source.path(),
                 random.pick({"8", "8", "16", "64", "1024"})};
  if (!random.chance(80)) {
    words.insert(words.end(), {"0", "2", name_of(core.front()), "0"});
    return words;
  }
  add_features(words, random.chance(50) ? clone_features().keywords.size() : 1);
  if (random.chance(25)) {
    for (std::string& word : wrong_core_words(random)) words.push_back(std::move(word));
  } else if (random.chance(50)) {
    const std::size_t count = random.chance(60) ? core.size() : 1;
    words.push_back(std::to_string(2 * count));
    for (std::size_t i = 0; i < count; i++) {
      words.push_back(name_of(core[i]));
      words.push_back(std::to_string(random.between(1, 500)));
    }
  }
  return words;
}

bool surely_quiet(const Words& words) {
  std::string text = join(words);
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  if (words.size() <= 5) return false;
  Words features;
  for (std::size_t count = 1; count <= clone_features().keywords.size(); count++) {
    features.clear();
    add_features(features, count);
    if (text.find(" " + join(features)) != std::string::npos) return true;
  }
  return false;
}

Words companion_words(Random& random, std::string_view target, const Device& one, const Device& two) {
  Words words;
  if (target == "linear") {
    words = {one.path(), random.pick({"0", "8", "100", "2000"})};
  } else if (target == "striped") {
    const std::string chunk = random.pick({"8", "16", "4", "32", "24"});
    words = {"2", chunk, one.path(), "0", two.path(), random.pick({"0", "64"})};
    if (random.chance(20)) words = {"1", chunk, two.path(), "8"};
  } else if (target == "flakey") {
    words = {one.path(), random.pick({"0", "8"}), "3600", "0"};
    for (std::string& word : flakey_features(random)) words.push_back(std::move(word));
  } else if (target == "delay") {
    words = {one.path(), "0", random.pick({"0", "1", "5"})};
    if (random.chance(40)) words.insert(words.end(), {two.path(), "8", "2"});
    if (words.size() == 6 && random.chance(40)) words.insert(words.end(), {two.path(), "16", "3"});
  } else if (target == "dust") {
    words = {two.path(), "0", random.pick({"512", "1024", "4096"})};
  }
  return words;
}

}  // namespace sim::generate
