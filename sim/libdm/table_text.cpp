// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/libdm/table_text.h"

#include <cstdlib>
#include <fmt/core.h>
#include <utility>

#include "dmcore/dm/ioctl_format.h"

#include "sim/text/split.h"

namespace sim::libdm {
namespace {

// A number as scanf("%llu") takes it: a sign is allowed, what does not fit becomes the largest number, and
// what follows need not be a space.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  const std::string copy(trimmed_front(text));
  char* end = nullptr;
  const std::uint64_t value = std::strtoull(copy.c_str(), &end, 10);
  if (end == copy.c_str()) return std::nullopt;
  text = trimmed_front(text).substr(static_cast<std::size_t>(end - copy.c_str()));
  return value;
}

std::string_view take_word(std::string_view& text) {
  text = trimmed_front(text);
  const std::string_view word = text.substr(0, text.find_first_of(white_space));
  text.remove_prefix(word.size());
  return word;
}

}  // namespace

std::optional<Target> parse_target(std::string_view line) {
  const auto start = take_number(line);
  const auto length = start ? take_number(line) : std::nullopt;
  const std::string_view type = length ? take_word(line) : std::string_view();
  if (type.empty()) return std::nullopt;
  const std::string_view params = trimmed_front(line);
  return Target{*start, *length, std::string(type), std::string(params.substr(0, params.find('#')))};
}

tl::expected<std::vector<Target>, std::string> parse_table(std::string_view text, std::string_view where) {
  std::vector<Target> targets;
  int number = 0;
  for (const std::string_view raw : lines_of(text)) {
    ++number;
    const std::string_view line = trimmed(raw);
    if (line.empty() || line[0] == '#') continue;
    auto target = parse_target(line);
    if (!target) {
      return tl::unexpected(fmt::format("Invalid format on line {} of table {}.", number, where));
    }
    if (target->type.size() >= dmcore::ioctl::target_type_size) {
      return tl::unexpected(fmt::format("Target type name {} is too long.", target->type));
    }
    targets.push_back(std::move(*target));
  }
  return targets;
}

std::string format_table(const std::vector<Target>& table) {
  std::string text;
  for (const Target& target : table) {
    if (!text.empty()) text += '\n';
    text += fmt::format("{} {} {}", target.start, target.length, target.type);
    if (!target.params.empty()) text += ' ' + target.params;
  }
  return text;
}

}  // namespace sim::libdm
