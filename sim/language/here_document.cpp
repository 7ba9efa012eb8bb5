// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/language/here_document.h"

#include <algorithm>
#include <fmt/core.h>

#include "sim/language/characters.h"

namespace sim::language {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

bool take(std::string_view& text, std::string_view token) {
  if (!text.starts_with(token)) return false;
  text.remove_prefix(token.size());
  return true;
}

}  // namespace

std::optional<HereDocument::Begin> HereDocument::begin_at(std::string_view text) {
  std::string_view rest = text;
  if (!take(rest, "<<")) return std::nullopt;
  HereDocument document;
  document.without_tabs = take(rest, "-");
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  const std::string_view quote = rest.substr(0, rest.starts_with('\'') || rest.starts_with('"') ? 1 : 0);
  rest.remove_prefix(quote.size());
  const auto end = std::find_if_not(rest.begin(), rest.end(), is_name);
  document.tag = std::string(rest.begin(), end);
  if (document.tag.empty() || is_digit(document.tag[0])) return std::nullopt;
  rest.remove_prefix(document.tag.size());
  if (!take(rest, quote) || (!rest.empty() && !is_space(rest[0]))) return std::nullopt;
  return Begin{std::move(document), text.size() - rest.size()};
}

bool HereDocument::add_line(std::string_view line) {
  if (without_tabs) line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
  if (line == tag) return false;
  text.append(line).push_back('\n');
  return true;
}

std::string HereDocument::word() const {
  return fmt::format("<<{}{}", without_tabs ? "-" : "", tag);
}

}  // namespace sim::language
