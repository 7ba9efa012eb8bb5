// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/language/word_reader.h"

#include <fmt/core.h>
#include <limits>
#include <optional>
#include <utility>

#include "sim/language/values.h"
#include "sim/text/printable.h"
#include "sim/text/quantities.h"

namespace sim::language {
namespace {

constexpr std::string_view a_sector = "sector";
constexpr std::string_view a_count = "number of sectors";

}  // namespace

void WordReader::error(const Word& at, const std::function<std::string()>& message) {
  failed_ = true;
  diagnostics_.add(Diagnostic::Severity::error, at.where, message);
}

void WordReader::error(const Word& at, std::string message) {
  error(at, [&message] { return std::move(message); });
}

void WordReader::warn(const Word& at, const std::function<std::string()>& message) {
  diagnostics_.add(Diagnostic::Severity::warning, at.where, message);
}

bool WordReader::expect_words(std::size_t min, std::size_t max) {
  if (words_.size() >= min && words_.size() <= max) return true;
  const bool many = words_.size() > max;
  error(many ? words_[max] : command_,
        fmt::format("too {} words; the command is: {}", many ? "many" : "few", usage_));
  return false;
}

void WordReader::expect_end() {
  if (at_end()) return;
  error(peek(), fmt::format("{} has no place here; the command is: {}", in_quotes(peek().text), usage_));
}

std::int64_t WordReader::sectors(std::string_view what, std::string_view if_negative) {
  const Word& word = take();
  const auto value = parse_integer(word.text);
  constexpr std::int64_t sectors_max = std::numeric_limits<std::int64_t>::max() >> dmcore::sector_shift;
  if (!value || *value > sectors_max || *value < -sectors_max) {
    error(word, fmt::format("{} is {} {}", in_quotes(word.text), value ? "too large for a" : "no", what));
    return 0;
  }
  if (*value < 0 && if_negative.empty())
    error(word, fmt::format("{} is negative, which a {} here cannot be", in_quotes(word.text), what));
  else if (*value < 0)
    warn(word, [&] { return fmt::format("{} is negative: {}", in_quotes(word.text), if_negative); });
  return *value;
}

std::int64_t WordReader::sector() {
  return sectors(a_sector, "the device will answer with an error");
}

std::int64_t WordReader::unsigned_sector() {
  return sectors(a_sector, {});
}

std::int64_t WordReader::count() {
  return sectors(a_count, "nothing will be done");
}

std::int64_t WordReader::unsigned_count() {
  return sectors(a_count, {});
}

dmcore::Duration WordReader::seconds() {
  const Word& word = take();
  const auto value = parse_seconds(word.text);
  if (!value) error(word, not_a_duration(word.text, /*seconds=*/true));
  return value.value_or(dmcore::Duration(0));
}

boost::regex WordReader::regex() {
  const Word& word = take();
  std::string reason;
  auto value = parse_regex(word.text, reason);
  if (!value) error(word, fmt::format("{} is no regular expression: {}", in_quotes(word.text), reason));
  return value.value_or(boost::regex());
}

std::string WordReader::disk(const Names& names) {
  const Word& word = take();
  if (!names.may_be_disk(word.text)) error(word, [&] { return names.no_disk(word.text); });
  return word.text;
}

std::string WordReader::device(const Names& names) {
  const Word& word = take();
  if (!names.may_be_device(word.text)) warn(word, [&] { return names.no_device(word.text); });
  return word.text;
}

}  // namespace sim::language
