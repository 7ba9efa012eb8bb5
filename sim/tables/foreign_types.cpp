// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/foreign_types.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>

#include "dmcore/dm/args.h"

#include "sim/tables/references.h"
#include "sim/tables/secrets.h"
#include "sim/tables/text.h"

namespace sim::tables {

namespace {

using Arguments = std::vector<std::string>;

// A type of Linux, and where its data are: the argument with the device, and the one with their start on it,
// if there is one.
struct ForeignType {
  std::string_view name;
  std::optional<std::size_t> device;
  std::optional<std::size_t> start;
};

constexpr std::array types = {
    ForeignType{"cache", 2, {}},
    ForeignType{"crypt", 3, 4},
    ForeignType{"default-key", 3, 4},
    ForeignType{"ebs", 0, 1},
    ForeignType{"era", 1, {}},
    ForeignType{"inlinecrypt", 3, 4},
    ForeignType{"integrity", {}, {}},
    ForeignType{"log-writes", 0, {}},
    ForeignType{"mirror", {}, {}},
    ForeignType{"multipath", {}, {}},
    ForeignType{"raid", {}, {}},
    ForeignType{"snapshot", {}, {}},
    ForeignType{"snapshot-merge", {}, {}},
    ForeignType{"snapshot-origin", 0, {}},
    ForeignType{"switch", {}, {}},
    ForeignType{"thin", {}, {}},
    ForeignType{"thin-pool", {}, {}},
    ForeignType{"unstriped", {}, {}},
    ForeignType{"vdo", {}, {}},
    ForeignType{"verity", 1, {}},
    ForeignType{"writecache", 1, {}},
    ForeignType{"zoned", {}, {}},
};

const ForeignType* find_type(std::string_view name) {
  const auto* found =
      std::find_if(types.begin(), types.end(), [&](const ForeignType& type) { return type.name == name; });
  return found == types.end() ? nullptr : found;
}

bool looks_like_device(std::string_view word) {
  return word.starts_with("/dev/") || two_numbers(word, ':').has_value();
}

// The first device from that word on; the number of words if there is none.
std::size_t first_device(const Arguments& words, std::size_t from = 0) {
  while (from < words.size() && !looks_like_device(words[from])) ++from;
  return from;
}

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

bool is_foreign_type(std::string_view name) {
  return find_type(name) != nullptr;
}

std::optional<OneToOne> one_to_one(const libdm::Target& target) {
  const Arguments words = arguments_of(target);
  const ForeignType* type = find_type(target.type);
  if (type == nullptr) return std::nullopt;
  if (type->device) return data_at(words, *type->device, type->start);
  // Of several paths or legs, the first is taken.
  if (type->name == "multipath") return data_at(words, first_device(words), {});
  if (type->name == "mirror") {
    // A log on disk comes first.
    const bool log_in_core = !words.empty() && words[0].find("core") != std::string::npos;
    const std::size_t leg = first_device(words, log_in_core ? 0 : first_device(words) + 1);
    return data_at(words, leg, leg + 1);
  }
  if (type->name == "raid" && !words.empty() && words[0] == "raid1") {
    // Pairs of metadata and data device; a dash is none.
    const std::size_t first = first_device(words);
    const bool has_metadata = first > 0 && words[first - 1] != "-";
    return data_at(words, has_metadata ? first + 1 : first, {});
  }
  return std::nullopt;
}

std::vector<std::size_t> device_words(const libdm::Target& target) {
  const Arguments words = without_keys(target.type, arguments_of(target));
  std::vector<std::size_t> found;
  for (std::size_t i = first_device(words); i < words.size(); i = first_device(words, i + 1))
    found.push_back(i);
  return found;
}

std::string printable_arguments(const libdm::Target& target) {
  const Arguments words = arguments_of(target);
  if (words.empty()) return {};
  // There may be a key among arguments of which nothing is known.
  if (find_type(target.type) == nullptr)
    return fmt::format("({} argument{} not shown)", words.size(), words.size() == 1 ? "" : "s");
  return fmt::format("{}", fmt::join(without_keys(target.type, words), " "));
}

}  // namespace sim::tables
