// SPDX-License-Identifier: GPL-2.0-or-later
// fault=KIND[:WHERE][:xN] of a disk, and the command fault DISK FAULT...
#include "sim/language/parse_fault.h"

#include <algorithm>
#include <array>
#include <fmt/core.h>
#include <limits>
#include <utility>

#include "sim/language/parse_command.h"
#include "sim/language/values.h"
#include "sim/text/printable.h"
#include "sim/text/quantities.h"
#include "sim/text/spelling.h"

namespace sim::language {
namespace {

constexpr std::int64_t sector_max = std::numeric_limits<std::int64_t>::max() >> dmcore::sector_shift;

// Reads what is behind the name of a fault; the first mistake is kept.
class FaultText {
 public:
  explicit FaultText(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] bool next_is(char c) const { return rest_.starts_with(c); }
  [[nodiscard]] const std::string& mistake() const { return mistake_; }

  // Whether the character is next, which is taken then.
  bool take(char c) {
    if (!next_is(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c, std::string_view before) {
    if (!take(c)) wrong(fmt::format("there is no '{}' before {}", c, before));
  }
  // The text up to one of the characters.
  std::string_view word(std::string_view ends) {
    const std::string_view taken = rest_.substr(0, rest_.find_first_of(ends));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::uint64_t number(std::string_view what, std::string_view ends, std::int64_t min = 0) {
    const std::string_view text = word(ends);
    const auto value = parse_integer(text);
    if (!value || *value < min || *value > sector_max)
      wrong(fmt::format("{} is no {}", in_quotes(text), what));
    return static_cast<std::uint64_t>(value.value_or(0));
  }
  dmcore::Time time(std::string_view ends) {
    const std::string_view text = word(ends);
    const auto value = parse_duration(text);
    if (!value) wrong(not_a_duration(text, /*seconds=*/false));
    return value.value_or(dmcore::Duration(0));
  }
  SectorRange range() {
    SectorRange where{.first = number("sector", "+@:"), .count = 1};
    if (take('+')) where.count = number("number of sectors", "@:", 1);
    return where;
  }
  void wrong(std::string text) {
    if (mistake_.empty()) mistake_ = std::move(text);
  }
  void expect_end() {
    if (!at_end()) wrong(fmt::format("{} is too much", in_quotes(rest_)));
  }

 private:
  std::string_view rest_;
  std::string mistake_;
};

// Each reads WHERE with the colon before it.
template <class Error>
Fault::What take_errors(FaultText& text) {
  // The sectors may be left out: xN is no sector.
  FaultText ahead = text;
  if (!ahead.take(':') || ahead.next_is('x')) return Error{};
  text.take(':');
  return Error{text.range()};
}

Fault::What take_flush_errors(FaultText&) {
  return Fault::FlushError{};
}

Fault::What take_torn(FaultText& text) {
  text.expect(':', "the sectors");
  Fault::Torn torn{.where = text.range()};
  text.expect('@', "the number of sectors that reach the medium");
  torn.kept = text.number("number of sectors", ":");
  return torn;
}

Fault::What take_misdirected(FaultText& text) {
  text.expect(':', "the sectors");
  Fault::Misdirected misdirected{.where = text.range()};
  text.expect('@', "the sector that is written instead");
  misdirected.to = text.number("sector", ":");
  return misdirected;
}

Fault::What take_bit_rot(FaultText& text) {
  text.expect(':', "the byte");
  Fault::BitRot rot{.byte = text.number("byte of a disk", ".@:")};
  text.expect('.', "the bit");
  constexpr std::uint64_t bits = 8;
  const std::uint64_t bit = text.number("bit of a byte", "@:");
  if (bit >= bits) text.wrong(fmt::format("'{}' is no bit of a byte", bit));
  rot.bit = static_cast<unsigned>(bit % bits);
  if (text.take('@')) rot.at = text.time(":");
  return rot;
}

Fault::What take_lies(FaultText&) {
  return Fault::Lies{};
}

Fault::What take_silent(FaultText& text) {
  Fault::Silent silent;
  if (!text.take(':')) return silent;
  silent.from = text.time("-:");
  if (!text.take('-')) return silent;
  silent.to = text.time(":");
  if (silent.to <= silent.from) text.wrong("it would end before it begins");
  return silent;
}

struct FaultKind {
  std::string_view name;
  std::string_view usage;
  Fault::What (*take)(FaultText& text);
  bool counts = true;  // may have :xN
};

constexpr std::array kinds = std::to_array<FaultKind>({
    {"read-error", "read-error[:SECTOR[+COUNT]][:xN]", take_errors<Fault::ReadError>},
    {"write-error", "write-error[:SECTOR[+COUNT]][:xN]", take_errors<Fault::WriteError>},
    {"flush-error", "flush-error[:xN]", take_flush_errors},
    {"torn", "torn:SECTOR[+COUNT]@SECTORS[:xN]", take_torn},
    {"misdirected", "misdirected:SECTOR[+COUNT]@TO[:xN]", take_misdirected},
    {"bit-rot", "bit-rot:BYTE.BIT[@TIME]", take_bit_rot, false},
    {"lies", "lies[:xN]", take_lies},
    {"silent", "silent[:FROM[-TO]]", take_silent, false},
});

std::string no_such_kind(std::string_view name) {
  std::array<std::string_view, kinds.size()> known;
  for (std::size_t i = 0; i < known.size(); ++i) known[i] = kinds[i].name;
  return fmt::format("there is no fault {}{}", in_quotes(name), did_you_mean(name, known, "there are"));
}

}  // namespace

std::optional<Fault> parse_fault(std::string_view word, std::string& error) {
  FaultText text(word);
  const std::string_view name = text.word(":");
  const auto* kind =
      std::find_if(kinds.begin(), kinds.end(), [&](const auto& each) { return each.name == name; });
  if (kind == kinds.end()) {
    error = no_such_kind(name);
    return std::nullopt;
  }
  Fault fault{.what = kind->take(text)};
  if (kind->counts && text.take(':')) {
    text.expect('x', "the number of times");
    fault.hits_max = text.number("number of times", ":", 1);
  }
  text.expect_end();
  if (text.mistake().empty()) return fault;
  error = fmt::format("{} is no fault: {}; expected {}", in_quotes(word), text.mistake(), kind->usage);
  return std::nullopt;
}

std::optional<CommandBody> parse_fault_command(WordReader& reader, Names& names) {
  if (!reader.expect_words(2, std::numeric_limits<std::size_t>::max())) return std::nullopt;
  FaultCommand command;
  command.disk = reader.disk(names);
  const bool none = reader.peek().text == "none";
  if (none) {
    reader.take();
    reader.expect_end();
    return command;
  }
  while (!reader.at_end()) {
    const Word& word = reader.take();
    if (word.text == "none") {
      reader.error(word, "'none' takes all faults away, and cannot be combined with others");
      continue;
    }
    std::string error;
    if (const auto fault = parse_fault(word.text, error)) {
      command.faults.push_back(*fault);
    } else {
      reader.error(word, std::move(error));
    }
  }
  return command;
}

}  // namespace sim::language
