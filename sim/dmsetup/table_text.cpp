// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/dmsetup/table_text.h"

#include <cstdlib>
#include <string_view>
#include <utility>

#include "dmcore/dm/ioctl_format.h"

namespace sim::dmsetup {
namespace {

constexpr std::string_view whitespace = " \t\n\v\f\r";

void skip_whitespace(std::string_view& text) {
  const auto first = text.find_first_not_of(whitespace);
  text.remove_prefix(first == std::string_view::npos ? text.size() : first);
}

// A number as scanf("%llu") takes it: a sign is allowed, what does not fit becomes the largest number, and
// what follows need not be a space.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  skip_whitespace(text);
  const std::string copy(text);
  char* end = nullptr;
  const std::uint64_t value = std::strtoull(copy.c_str(), &end, 10);
  if (end == copy.c_str()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - copy.c_str()));
  return value;
}

std::string_view take_word(std::string_view& text) {
  skip_whitespace(text);
  const std::string_view word = text.substr(0, text.find_first_of(whitespace));
  text.remove_prefix(word.size());
  return word;
}

}  // namespace

std::optional<Target> parse_target(std::string_view line) {
  const auto start = take_number(line);
  const auto length = start ? take_number(line) : std::nullopt;
  const std::string_view type = length ? take_word(line) : std::string_view();
  if (type.empty()) return std::nullopt;
  skip_whitespace(line);
  return Target{*start, *length, std::string(type), std::string(line.substr(0, line.find('#')))};
}

tl::expected<std::vector<Target>, std::string> parse_table(std::string_view text, std::string_view where) {
  std::vector<Target> targets;
  std::string_view rest = text;
  for (int number = 1;; number++) {
    const auto newline = rest.find('\n');
    std::string_view line = rest.substr(0, newline);
    skip_whitespace(line);
    line = line.substr(0, line.find_last_not_of(whitespace) + 1);
    if (!line.empty() && line[0] != '#') {
      auto target = parse_target(line);
      if (!target) {
        return tl::unexpected(fmt::format("Invalid format on line {} of table {}.", number, where));
      }
      if (target->type.size() >= dmcore::ioctl::target_type_size) {
        return tl::unexpected(fmt::format("Target type name {} is too long.", target->type));
      }
      targets.push_back(std::move(*target));
    }
    if (newline == std::string_view::npos) return targets;
    rest.remove_prefix(newline + 1);
  }
}

namespace {

tl::expected<std::vector<Target>, std::string> read_table(Session& session, const std::string* file) {
  if (session.options.table) return parse_table(*session.options.table, "");
  if (file == nullptr) return parse_table(session.take_input(), "on stdin");
  const auto text = session.system.read_file(*file);
  if (!text) return tl::unexpected(fmt::format("Couldn't open '{}' for reading.", *file));
  return parse_table(*text, *file);
}

}  // namespace

std::optional<std::vector<Target>> table_of_run(Session& session, const std::string* file) {
  auto table = read_table(session, file);
  if (table) return *std::move(table);
  session.error("{}", table.error());
  return std::nullopt;
}

}  // namespace sim::dmsetup
