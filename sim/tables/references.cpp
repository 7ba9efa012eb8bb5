// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/references.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>

#include "dmcore/dm/args.h"
#include "dmcore/targets/targets.h"

#include "dmclone/clone_target.h"

#include "sim/tables/metadata_size.h"
#include "sim/tables/text.h"

namespace sim::tables {

namespace {

using dmcore::sector_t;
using Arguments = std::vector<std::string>;

sector_t saturating_add(sector_t a, sector_t b) {
  return a > std::numeric_limits<sector_t>::max() - b ? std::numeric_limits<sector_t>::max() : a + b;
}

// Adds the device at a word, with its start in the next one.
void add_area(std::vector<Reference>& found, const Arguments& words, std::size_t device, sector_t len) {
  if (device + 1 >= words.size()) return;
  const auto start = dmcore::scan_u64(words[device + 1]);
  if (!start) return;
  const sector_t end = saturating_add(*start, len);
  found.push_back({device, Role::data, end, end, *start == 0});
}

// Where the regions' metadata fits; something that is always enough for a start if the line is wrong anyway.
Reference metadata_reference(const Arguments& words, sector_t len) {
  constexpr sector_t otherwise = 8192;
  Reference reference{0, Role::metadata, 1, otherwise, false};
  const auto region = words.size() > 3 ? dmcore::scan_u32(words[3]) : std::nullopt;
  if (!region) return reference;
  const auto size = metadata_size(len, *region);
  if (const auto* known = std::get_if<MetadataSize>(&size)) {
    reference.needed = known->sectors_to_format();
    reference.wanted = known->sectors_to_commit();
  }
  return reference;
}

std::vector<Reference> of_clone(const Arguments& words, sector_t len) {
  std::vector<Reference> found;
  if (!words.empty()) found.push_back(metadata_reference(words, len));
  if (words.size() > 1) found.push_back({1, Role::destination, len, len, true});
  if (words.size() > 2) found.push_back({2, Role::source, len, len, true});
  return found;
}

std::vector<Reference> of_linear(const Arguments& words, sector_t len) {
  std::vector<Reference> found;
  add_area(found, words, 0, len);
  return found;
}

std::vector<Reference> of_delay(const Arguments& words, sector_t len) {
  std::vector<Reference> found;
  constexpr std::size_t words_each = 3;
  for (std::size_t i = 0; i < words.size(); i += words_each) add_area(found, words, i, len);
  return found;
}

std::vector<Reference> of_striped(const Arguments& words, sector_t len) {
  std::vector<Reference> found;
  const auto stripes = words.empty() ? std::nullopt : dmcore::scan_u32(words[0]);
  if (!stripes || *stripes == 0) return found;
  for (std::size_t i = 2; i + 1 < words.size(); i += 2) add_area(found, words, i, len / *stripes);
  return found;
}

std::vector<Reference> of_none(const Arguments&, sector_t) {
  return {};
}

struct KnownType {
  std::string_view name;
  std::vector<Reference> (*references)(const Arguments& words, sector_t len);
};

constexpr std::array known_types = {
    KnownType{"clone", of_clone},   KnownType{"linear", of_linear}, KnownType{"striped", of_striped},
    KnownType{"zero", of_none},     KnownType{"error", of_none},    KnownType{"delay", of_delay},
    KnownType{"flakey", of_linear}, KnownType{"dust", of_linear},
};

const KnownType* find_type(std::string_view type) {
  const auto* found = std::find_if(known_types.begin(), known_types.end(),
                                   [&](const KnownType& known) { return known.name == type; });
  return found == known_types.end() ? nullptr : found;
}

bool looks_like_device(std::string_view word) {
  return word.starts_with("/dev/") || two_numbers(word, ':').has_value();
}

// Nothing from `from` on: the number of words.
std::size_t first_device(const Arguments& words, std::size_t from = 0) {
  while (from < words.size() && !looks_like_device(words[from])) ++from;
  return from;
}

// Where the data of a foreign target are: the word with the device, and the one with its start, if it has
// one.
struct DataWord {
  std::string_view type;
  std::size_t device;
  std::optional<std::size_t> start;
};

constexpr std::array data_words = {
    DataWord{"crypt", 3, 4},  DataWord{"snapshot-origin", 0, {}},
    DataWord{"cache", 2, {}}, DataWord{"writecache", 1, {}},
    DataWord{"era", 1, {}},   DataWord{"log-writes", 0, {}},
    DataWord{"ebs", 0, 1},    DataWord{"verity", 1, {}},
};

std::optional<OneToOne> data_at(const Arguments& words, std::size_t device,
                                std::optional<std::size_t> start) {
  if (device >= words.size() || !looks_like_device(words[device])) return std::nullopt;
  OneToOne data{words[device], 0};
  if (!start) return data;
  const auto sector = *start < words.size() ? dmcore::scan_u64(words[*start]) : std::nullopt;
  if (!sector) return std::nullopt;
  data.start = *sector;
  return data;
}

}  // namespace

std::string_view name_of(Role role) {
  switch (role) {
    case Role::data:
      return "device";
    case Role::metadata:
      return "metadata device";
    case Role::destination:
      return "destination device";
    case Role::source:
      return "source device";
  }
  return {};
}

bool is_known_type(std::string_view type) {
  return find_type(type) != nullptr;
}

std::vector<std::string> arguments_of(const libdm::Target& target) {
  return dmcore::split_args(target.params);
}

std::string join_arguments(const std::vector<std::string>& arguments) {
  std::string out;
  for (const std::string& word : arguments) {
    if (!out.empty()) out += ' ';
    for (const char c : word) {
      if (c == '\\' || c == ' ' || c == '\t') out += '\\';
      out += c;
    }
  }
  return out;
}

std::vector<Reference> references_of(const libdm::Target& target) {
  const Arguments words = arguments_of(target);
  if (const KnownType* known = find_type(target.type)) return known->references(words, target.length);
  std::vector<Reference> found;
  for (std::size_t i = first_device(words); i < words.size(); i = first_device(words, i + 1))
    found.push_back({i, Role::data, 1, 1, false});
  return found;
}

std::optional<OneToOne> one_to_one(const libdm::Target& target) {
  const Arguments words = arguments_of(target);
  for (const DataWord& known : data_words) {
    if (known.type == target.type) return data_at(words, known.device, known.start);
  }
  // Legs, paths: the first stands for all.
  if (target.type == "multipath") return data_at(words, first_device(words), {});
  if (target.type == "mirror") {
    // A log on disk comes first.
    const bool log_in_core = !words.empty() && words[0].find("core") != std::string::npos;
    const std::size_t leg = first_device(words, log_in_core ? 0 : first_device(words) + 1);
    return data_at(words, leg, leg + 1);
  }
  if (target.type == "raid" && !words.empty() && words[0] == "raid1") {
    // Pairs of metadata and data device; a dash is none.
    const std::size_t first = first_device(words);
    const bool has_metadata = first > 0 && words[first - 1] != "-";
    return data_at(words, has_metadata ? first + 1 : first, {});
  }
  return std::nullopt;
}

}  // namespace sim::tables
