// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/tables/mentions.h"

#include <fmt/format.h>

#include "sim/text/words.h"

namespace sim::tables {

std::optional<std::uint32_t> Mention::minor_under(std::uint32_t dm_major) const {
  if (number) {
    if (number->major != dm_major) return std::nullopt;
    return number->minor;
  }
  constexpr std::string_view prefix = "/dev/dm-";
  if (!word.starts_with(prefix)) return std::nullopt;
  const auto named =
      parse_device_number(fmt::format("{}:{}", dm_major, std::string_view(word).substr(prefix.size())));
  if (!named) return std::nullopt;
  return named->minor;
}

std::vector<Mention> mentions_in(const Stack& stack) {
  std::vector<Mention> mentions;
  for (std::size_t d = 0; d < stack.devices.size(); ++d) {
    const std::vector<StackLine>& lines = stack.devices[d].lines;
    for (std::size_t l = 0; l < lines.size(); ++l) {
      const std::vector<std::string> arguments = arguments_of(lines[l].target);
      for (Reference& reference : references_of(lines[l].target, *stack.dialect)) {
        const std::string& word = arguments[reference.word];
        mentions.push_back({d, l, std::move(reference), word, parse_device_number(word)});
      }
    }
  }
  return mentions;
}

DeviceNames::DeviceNames(const Stack& stack) {
  for (std::size_t i = 0; i < stack.devices.size(); ++i) by_name_[*mangled_name(stack.devices[i].name)] = i;
}

std::optional<std::size_t> DeviceNames::find(const std::string& name) const {
  const std::optional<std::string> mangled = mangled_name(name);
  const auto found = mangled ? by_name_.find(*mangled) : by_name_.end();
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

}  // namespace sim::tables
