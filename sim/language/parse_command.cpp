// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/language/parse_command.h"

#include <array>
#include <fmt/core.h>
#include <limits>
#include <utility>

#include "dmcore/kernel/types.h"

#include "sim/dmsetup/commands.h"
#include "sim/language/values.h"

namespace sim::language {
namespace {

// A disk that a command cannot do without.
std::string take_disk(WordReader& reader, const DiskNames& disks) {
  const Word& word = reader.take();
  if (!disks.may_contain(word.text))
    reader.error(word, fmt::format("there is no disk '{}' up to here", word.text));
  return word.text;
}

CommandBody parse_dmsetup(WordReader& reader, const DiskNames&) {
  DmsetupCommand command;
  const Word* first = nullptr;
  bool has_document = false;
  while (!reader.at_end()) {
    const Word& word = reader.take();
    if (!word.document) {
      if (first == nullptr) first = &word;
      command.arguments.push_back(word.text);
      continue;
    }
    if (has_document) reader.error(word, "there can be only one here-document");
    has_document = true;
    command.input = word.document->text();
  }
  // dmsetup itself says no; but it is likely to be a mistake.
  if (first != nullptr && !first->text.starts_with('-') && dmsetup::find_command(first->text) == nullptr) {
    reader.warn(*first, fmt::format("dmsetup has no command '{}'", first->text));
  }
  return command;
}

CommandBody parse_write(WordReader& reader, const DiskNames&) {
  if (!reader.expect_words(4, 5)) return WaitCommand{};
  WriteCommand command{};
  command.device = reader.text();
  command.sector = reader.sector();
  command.count = reader.count();
  const Word& pattern = reader.take();
  if (const auto parsed = parse_pattern(pattern.text)) {
    command.pattern = *parsed;
  } else {
    reader.error(pattern,
                 fmt::format("'{}' is no pattern; those are one character, '@' and a character, or zero",
                             pattern.text));
  }
  if (!reader.at_end()) {
    command.fua = reader.peek().text == "fua";
    if (command.fua) reader.take();
    reader.expect_end();
  }
  return command;
}

CommandBody parse_read(WordReader& reader, const DiskNames&) {
  if (!reader.expect_words(3, 3)) return WaitCommand{};
  ReadCommand command{};
  command.device = reader.text();
  command.sector = reader.sector();
  command.count = reader.count();
  return command;
}

CommandBody parse_sha256(WordReader& reader, const DiskNames&) {
  if (!reader.expect_words(1, 3)) return WaitCommand{};
  Sha256Command command{.device = reader.text(), .whole = reader.at_end(), .sector = 0, .count = 0};
  if (command.whole || !reader.expect_words(3, 3)) return command;
  command.sector = reader.sector();
  command.count = reader.count();
  return command;
}

CommandBody parse_discard(WordReader& reader, const DiskNames&) {
  if (!reader.expect_words(3, 3)) return WaitCommand{};
  DiscardCommand command{};
  command.device = reader.text();
  const Word& sector = reader.peek();
  command.sector = reader.sector();
  const Word& count = reader.peek();
  command.count = reader.count();
  // The range goes to the kernel in unsigned numbers.
  if (command.sector < 0) reader.error(sector, "a discard cannot begin before the device");
  if (command.count < 0) reader.error(count, "a discard cannot have a negative length");
  return command;
}

CommandBody parse_flush(WordReader& reader, const DiskNames&) {
  if (!reader.expect_words(1, 1)) return WaitCommand{};
  return FlushCommand{reader.text()};
}

CommandBody parse_iostat(WordReader& reader, const DiskNames& disks) {
  if (!reader.expect_words(1, 1)) return WaitCommand{};
  const Word& disk = reader.take();
  // The answer is an error then, which someone may want to see.
  if (!disks.may_contain(disk.text))
    reader.warn(disk, fmt::format("there is no disk '{}' up to here", disk.text));
  return IostatCommand{disk.text};
}

CommandBody parse_sysfs(WordReader& reader, const DiskNames&) {
  if (!reader.expect_words(2, 2)) return WaitCommand{};
  SysfsCommand command;
  command.device = reader.text();
  command.attribute = reader.text();
  return command;
}

CommandBody parse_poke(WordReader& reader, const DiskNames& disks) {
  if (!reader.expect_words(3, 3)) return WaitCommand{};
  PokeCommand command;
  command.disk = take_disk(reader, disks);
  const Word& offset = reader.take();
  const Word& bytes = reader.take();
  const auto parsed_offset = parse_offset(offset.text);
  if (!parsed_offset) reader.error(offset, fmt::format("'{}' is no offset in bytes", offset.text));
  auto parsed_bytes = parse_hex(bytes.text);
  if (!parsed_bytes) reader.error(bytes, fmt::format("'{}' is not bytes in hexadecimal", bytes.text));
  command.offset = parsed_offset.value_or(0);
  command.bytes = std::move(parsed_bytes).value_or(std::vector<std::byte>());
  return command;
}

CommandBody parse_load(WordReader& reader, const DiskNames& disks) {
  if (!reader.expect_words(2, 2)) return WaitCommand{};
  LoadCommand command;
  command.disk = take_disk(reader, disks);
  command.file = reader.text();
  return command;
}

CommandBody parse_save(WordReader& reader, const DiskNames& disks) {
  if (!reader.expect_words(2, 2)) return WaitCommand{};
  SaveCommand command;
  command.disk = take_disk(reader, disks);
  command.file = reader.text();
  return command;
}

CommandBody parse_sleep(WordReader& reader, const DiskNames&) {
  if (!reader.expect_words(1, 1)) return WaitCommand{};
  return SleepCommand{reader.seconds()};
}

CommandBody parse_until(WordReader& reader, const DiskNames&) {
  if (!reader.expect_words(2, 3)) return WaitCommand{};
  UntilCommand command;
  command.device = reader.text();
  command.pattern = reader.regex();
  command.timeout = std::chrono::seconds(10);
  if (!reader.at_end()) {
    const Word& word = reader.peek();
    command.timeout = reader.seconds();
    if (!reader.failed() && command.timeout == dmcore::Duration(0))
      reader.error(word, "no time to look even once");
  }
  return command;
}

CommandBody parse_wait(WordReader& reader, const DiskNames&) {
  reader.expect_words(0, 0);
  return WaitCommand{};
}

CommandBody parse_expect(WordReader& reader, const DiskNames&) {
  if (!reader.expect_words(1, 1)) return WaitCommand{};
  ExpectCommand command;
  command.text = reader.peek().text;
  command.pattern = reader.regex();
  return command;
}

constexpr std::array parsers = std::to_array<CommandParser>({
    {"disk", "disk NAME [SIZE] [OPTION...]", parse_disk},
    {"dmsetup", "dmsetup ARGUMENT... [<<TAG]", parse_dmsetup, /*reads_input=*/true},
    {"write", "write DEVICE SECTOR COUNT PATTERN [fua]", parse_write},
    {"read", "read DEVICE SECTOR COUNT", parse_read},
    {"sha256", "sha256 DEVICE [SECTOR COUNT]", parse_sha256},
    {"discard", "discard DEVICE SECTOR COUNT", parse_discard},
    {"flush", "flush DEVICE", parse_flush},
    {"iostat", "iostat DISK", parse_iostat},
    {"sysfs", "sysfs DEVICE ATTRIBUTE", parse_sysfs},
    {"poke", "poke DISK OFFSET HEX", parse_poke},
    {"load", "load DISK FILE", parse_load},
    {"save", "save DISK FILE", parse_save},
    {"tables",
     "tables FILE [devices=FILE] [dm_major=N] [device=MAJOR:MINOR=NAME...] [leave_out] [DISK-OPTION...]",
     parse_tables},
    {"sleep", "sleep SECONDS", parse_sleep},
    {"until", "until DEVICE REGEX [SECONDS]", parse_until},
    {"wait", "wait", parse_wait},
    {"expect", "expect REGEX", parse_expect},
});

}  // namespace

void WordReader::error(const Word& at, std::string message) {
  failed_ = true;
  diagnostics_.push_back({Diagnostic::Severity::error, at.where, std::move(message)});
}

void WordReader::warn(const Word& at, std::string message) {
  diagnostics_.push_back({Diagnostic::Severity::warning, at.where, std::move(message)});
}

bool WordReader::expect_words(std::size_t min, std::size_t max) {
  if (words_.size() >= min && words_.size() <= max) return true;
  const bool many = words_.size() > max;
  error(many ? words_[max] : command_,
        fmt::format("too {} words; the command is: {}", many ? "many" : "few", usage_));
  return false;
}

void WordReader::expect_end() {
  if (!at_end())
    error(peek(), fmt::format("'{}' has no place here; the command is: {}", peek().text, usage_));
}

std::int64_t WordReader::sectors(std::string_view what) {
  const Word& word = take();
  const auto value = parse_integer(word.text);
  constexpr std::int64_t sectors_max = std::numeric_limits<std::int64_t>::max() >> dmcore::sector_shift;
  if (value && *value <= sectors_max && *value >= -sectors_max) return *value;
  error(word, value ? fmt::format("'{}' is too large for a {}", word.text, what)
                    : fmt::format("'{}' is no {}", word.text, what));
  return 0;
}

std::int64_t WordReader::sector() {
  return sectors("sector");
}

std::int64_t WordReader::count() {
  return sectors("number of sectors");
}

dmcore::Duration WordReader::seconds() {
  const Word& word = take();
  const auto value = parse_seconds(word.text);
  if (!value) error(word, fmt::format("'{}' is no number of seconds", word.text));
  return value.value_or(dmcore::Duration(0));
}

boost::regex WordReader::regex() {
  const Word& word = take();
  std::string reason;
  auto value = parse_regex(word.text, reason);
  if (!value) error(word, fmt::format("'{}' is no regular expression: {}", word.text, reason));
  return value.value_or(boost::regex());
}

const CommandParser* find_command_parser(std::string_view name) {
  for (const CommandParser& parser : parsers) {
    if (parser.name == name) return &parser;
  }
  return nullptr;
}

std::string command_names() {
  std::string out;
  for (const CommandParser& parser : parsers)
    out += fmt::format("{}{}", out.empty() ? "" : ", ", parser.name);
  return out;
}

}  // namespace sim::language
