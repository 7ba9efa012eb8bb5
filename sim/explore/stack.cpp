// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/explore/stack.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <vector>

#include "sim/text/split.h"

namespace sim::explore {

namespace {

// Where the words "DEVICE OFFSET" are in the parameters of targets that pass a range on as it is.
std::vector<std::size_t> places_of_devices(const host::Target& target, std::size_t words) {
  if (target.type == "linear" || target.type == "flakey" || target.type == "dust") return {0};
  constexpr std::size_t of_writes = 3;
  if (target.type == "delay")
    return words > of_writes + 1 ? std::vector<std::size_t>{0, of_writes} : std::vector<std::size_t>{0};
  return {};
}

}  // namespace

void for_each_range_below(const Devices& devices, dmcore::DevT number, std::uint64_t first,
                          std::uint64_t count, const UseRange& use) {
  const auto device = std::find_if(devices.begin(), devices.end(),
                                   [&](const Device& other) { return other.number() == number; });
  if (device == devices.end()) return use(number, first, count);
  for (const host::Target& target : device->table) {
    const std::uint64_t begin = std::max<std::uint64_t>(first, target.start);
    const std::uint64_t end = std::min<std::uint64_t>(first + count, target.start + target.length);
    if (begin >= end) continue;
    const std::vector<std::string_view> words = words_of(target.params);
    const std::vector<std::size_t> places = places_of_devices(target, words.size());
    for (const dmcore::DevT below : device->below) {
      const std::string name = to_string(below);
      if (places.empty()) {
        for_each_range_below(devices, below, 0, sectors_everywhere, use);
        continue;
      }
      for (const std::size_t place : places) {
        if (place + 1 >= words.size() || words[place] != name) continue;
        std::uint64_t offset = 0;
        std::from_chars(words[place + 1].data(), words[place + 1].data() + words[place + 1].size(), offset);
        for_each_range_below(devices, below, offset + begin - target.start, end - begin, use);
      }
    }
  }
}

}  // namespace sim::explore
