// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/block_list.h"

#include <algorithm>
#include <array>
#include <boost/regex.hpp>
#include <cmath>
#include <fmt/format.h>

#include "sim/tables/text.h"

namespace sim::tables {

namespace {

// What lsblk says in its column TYPE.
bool says_mapped(std::string_view type) {
  static constexpr std::array types = {"lvm", "crypt", "dm", "mpath", "thin", "cache", "mirror"};
  return std::find(types.begin(), types.end(), type) != types.end() || type.starts_with("raid");
}

// Nothing unless the numbers are two.
std::optional<ListedDevice> device_of(std::string_view name, std::string_view numbers) {
  const auto both = two_numbers(numbers, ':');
  if (!both || name.empty()) return std::nullopt;
  ListedDevice device;
  device.name = name;
  device.major = both->first;
  device.minor = both->second;
  return device;
}

// The parts of a device's line that are named alike in all forms.
void take_detail(ListedDevice& device, std::string_view heading, std::string_view value) {
  if (heading == "SIZE") device.sectors = printed_size(value, device.rounded);
  if (heading == "TYPE") device.mapped = says_mapped(value);
  if (heading == "RO") device.read_only = value == "1";
}

}  // namespace

std::optional<std::size_t> Columns::find(std::string_view heading) const {
  const auto found = std::find(headings.begin(), headings.end(), heading);
  if (found == headings.end()) return std::nullopt;
  return static_cast<std::size_t>(found - headings.begin());
}

std::optional<dmcore::sector_t> printed_size(std::string_view text, bool& rounded) {
  if (const auto bytes = whole_number(text)) return dmcore::to_sectors(*bytes);
  static const boost::regex pattern(R"((\d+(?:[.,]\d+)?)([BKMGTP]))");
  boost::cmatch match;
  if (!boost::regex_match(text.begin(), text.end(), match, pattern)) return std::nullopt;
  constexpr std::string_view units = "BKMGTP";
  std::string number = match[1];
  std::replace(number.begin(), number.end(), ',', '.');
  const auto power = static_cast<int>(units.find(*match[2].first)) * 10;
  const double bytes = std::ldexp(std::strtod(number.c_str(), nullptr), power);
  rounded = true;
  return static_cast<dmcore::sector_t>(bytes) / dmcore::sector_size;
}

std::string_view without_branches(std::string_view text) {
  while (!text.empty()) {
    const char c = text.front();
    const bool ascii_branch = c == ' ' || c == '|' || c == '`' || c == '-';
    if (!ascii_branch && (static_cast<unsigned char>(c) < 0x80)) break;
    text.remove_prefix(1);
  }
  return text;
}

std::optional<ListedDevice> lsblk_pairs(std::string_view line) {
  static const boost::regex pair(R"re(([A-Z][A-Z:_-]*)="([^"]*)")re");
  if (!line.starts_with("NAME=\"")) return std::nullopt;
  std::vector<std::pair<std::string, std::string>> pairs;
  for (boost::cregex_iterator it(line.begin(), line.end(), pair), end; it != end; ++it)
    pairs.emplace_back((*it)[1], (*it)[2]);
  const auto numbers = std::find_if(pairs.begin(), pairs.end(), [](const auto& entry) {
    return entry.first == "MAJ:MIN" || entry.first == "MAJ_MIN";
  });
  if (numbers == pairs.end()) return std::nullopt;
  auto device = device_of(pairs.front().second, numbers->second);
  if (device) {
    for (const auto& [heading, value] : pairs) take_detail(*device, heading, value);
  }
  return device;
}

// Columns are separated by blanks; the last one, the mount points, may be empty or hold blanks.
std::optional<ListedDevice> lsblk_row(std::string_view line, const Columns& columns) {
  const auto words = words_of(without_branches(line));
  const auto at = [&](std::string_view heading) -> std::string_view {
    const auto column = columns.find(heading);
    return column && *column < words.size() ? words[*column] : std::string_view();
  };
  auto device = device_of(at("NAME"), at("MAJ:MIN"));
  if (device) {
    for (const char* heading : {"SIZE", "TYPE", "RO"}) take_detail(*device, heading, at(heading));
  }
  return device;
}

bool is_further_mount_point(std::string_view line) {
  const std::string_view rest = without_branches(line);
  return rest.starts_with('/') || rest == "[SWAP]";
}

std::optional<ListedDevice> partition_row(std::string_view line) {
  const auto words = words_of(line);
  constexpr std::size_t expected = 4;
  if (words.size() != expected) return std::nullopt;
  const auto blocks = whole_number(words[2]);
  auto device = device_of(words[3], fmt::format("{}:{}", words[0], words[1]));
  if (!device || !blocks) return std::nullopt;
  device->mapped = words[3].starts_with("dm-");
  // Of 1 KiB; an odd sector at the end is not counted.
  device->sectors = *blocks * 2;
  return device;
}

}  // namespace sim::tables
