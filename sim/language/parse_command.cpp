// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/language/parse_command.h"

#include <array>
#include <fmt/core.h>
#include <utility>

#include "sim/language/values.h"
#include "sim/text/printable.h"

namespace sim::language {
namespace {

using Body = std::optional<CommandBody>;

Body parse_write(WordReader& reader, Names& names) {
  if (!reader.expect_words(4, 5)) return std::nullopt;
  WriteCommand command{};
  command.device = reader.device(names);
  command.sector = reader.sector();
  command.count = reader.count();
  const Word& pattern = reader.take();
  if (const auto parsed = parse_pattern(pattern.text)) {
    command.pattern = *parsed;
  } else {
    reader.error(pattern,
                 fmt::format("{} is no pattern; those are one character, '@' and a character, or zero",
                             in_quotes(pattern.text)));
  }
  if (!reader.at_end()) {
    command.fua = reader.peek().text == "fua";
    if (command.fua) reader.take();
    reader.expect_end();
  }
  return command;
}

Body parse_read(WordReader& reader, Names& names) {
  if (!reader.expect_words(3, 3)) return std::nullopt;
  ReadCommand command{};
  command.device = reader.device(names);
  command.sector = reader.sector();
  command.count = reader.count();
  return command;
}

Body parse_sha256(WordReader& reader, Names& names) {
  if (!reader.expect_words(1, 3)) return std::nullopt;
  Sha256Command command{.device = reader.device(names), .whole = reader.at_end(), .sector = 0, .count = 0};
  if (command.whole || !reader.expect_words(3, 3)) return command;
  command.sector = reader.sector();
  command.count = reader.count();
  return command;
}

Body parse_discard(WordReader& reader, Names& names) {
  if (!reader.expect_words(3, 3)) return std::nullopt;
  DiscardCommand command{};
  command.device = reader.device(names);
  command.sector = reader.unsigned_sector();
  command.count = reader.unsigned_count();
  return command;
}

Body parse_flush(WordReader& reader, Names& names) {
  if (!reader.expect_words(1, 1)) return std::nullopt;
  return FlushCommand{reader.device(names)};
}

Body parse_iostat(WordReader& reader, Names& names) {
  if (!reader.expect_words(1, 1)) return std::nullopt;
  const Word& disk = reader.take();
  // A warning only: the command may be meant to fail.
  if (!names.may_be_disk(disk.text)) reader.warn(disk, [&] { return names.no_disk(disk.text); });
  return IostatCommand{disk.text};
}

Body parse_sysfs(WordReader& reader, Names& names) {
  if (!reader.expect_words(2, 2)) return std::nullopt;
  SysfsCommand command;
  command.device = reader.device(names);
  command.attribute = reader.text();
  return command;
}

Body parse_parameter(WordReader& reader, Names&) {
  if (!reader.expect_words(2, 3)) return std::nullopt;
  ParameterCommand command;
  command.module = reader.text();
  command.name = reader.text();
  if (!reader.at_end()) command.value = reader.text();
  return command;
}

Body parse_drop_caches(WordReader& reader, Names&) {
  if (!reader.expect_words(0, 0)) return std::nullopt;
  return DropCachesCommand{};
}

Body parse_poke(WordReader& reader, Names& names) {
  if (!reader.expect_words(3, 3)) return std::nullopt;
  PokeCommand command;
  command.disk = reader.disk(names);
  const Word& offset = reader.take();
  const Word& bytes = reader.take();
  const auto parsed_offset = parse_offset(offset.text);
  if (!parsed_offset) reader.error(offset, fmt::format("{} is no offset in bytes", in_quotes(offset.text)));
  auto parsed_bytes = parse_hex(bytes.text);
  if (!parsed_bytes)
    reader.error(bytes, fmt::format("{} is not bytes in hexadecimal", in_quotes(bytes.text)));
  command.offset = parsed_offset.value_or(0);
  command.bytes = std::move(parsed_bytes).value_or(std::vector<std::byte>());
  return command;
}

// LoadCommand or SaveCommand.
template <class Transfer>
Body parse_transfer(WordReader& reader, Names& names) {
  if (!reader.expect_words(2, 2)) return std::nullopt;
  Transfer command;
  command.disk = reader.disk(names);
  command.file = reader.text();
  return command;
}

Body parse_sleep(WordReader& reader, Names&) {
  if (!reader.expect_words(1, 1)) return std::nullopt;
  return SleepCommand{reader.seconds()};
}

Body parse_until(WordReader& reader, Names& names) {
  if (!reader.expect_words(2, 3)) return std::nullopt;
  UntilCommand command;
  command.device = reader.device(names);
  command.pattern = reader.regex();
  command.timeout = std::chrono::seconds(10);
  if (!reader.at_end()) {
    const Word& word = reader.peek();
    command.timeout = reader.seconds();
    if (!reader.failed() && command.timeout == dmcore::Duration(0))
      reader.error(word, "in no time the status is not even asked for once");
  }
  return command;
}

Body parse_wait(WordReader& reader, Names&) {
  if (!reader.expect_words(0, 0)) return std::nullopt;
  return WaitCommand{};
}

void take_crash_option(WordReader& reader, CrashCommand& command) {
  const Word& word = reader.take();
  const std::string_view text = word.text;
  const std::string_view name = text.substr(0, text.find('='));
  const std::string_view value = text.substr(name.size() + 1);
  if (name == "keep") {
    if (value != "durable" && value != "newest")
      reader.error(word, fmt::format("{} is neither durable nor newest", in_quotes(value)));
    command.keep = value == "newest" ? CrashCommand::Keep::newest : CrashCommand::Keep::durable;
  } else if (name == "seed") {
    const auto seed = parse_integer(value);
    if (!seed || *seed < 0) reader.error(word, fmt::format("{} is no seed", in_quotes(value)));
    command.keep = CrashCommand::Keep::drawn;
    command.seed = static_cast<std::uint64_t>(seed.value_or(0));
  } else {
    reader.error(word, fmt::format("there is no option {}; there are keep= and seed=", in_quotes(name)));
  }
}

Body parse_crash(WordReader& reader, Names& names) {
  CrashCommand command;
  for (bool chosen = false; !reader.at_end();) {
    const Word& word = reader.peek();
    if (word.text.find('=') == std::string::npos) {
      command.disks.push_back(reader.disk(names));
      continue;
    }
    take_crash_option(reader, command);
    if (std::exchange(chosen, true)) reader.error(word, "what is kept has been said already");
  }
  return command;
}

Body parse_expect(WordReader& reader, Names&) {
  if (!reader.expect_words(1, 1)) return std::nullopt;
  ExpectCommand command;
  command.text = reader.peek().text;
  command.pattern = reader.regex();
  return command;
}

constexpr std::array parsers = std::to_array<CommandParser>({
    {.name = "disk", .usage = "disk NAME [SIZE] [OPTION...]", .parse = parse_disk},
    {.name = "dmsetup", .usage = "dmsetup ARGUMENT... [<<TAG]", .parse = parse_dmsetup, .reads_input = true},
    {.name = "write", .usage = "write DEVICE SECTOR COUNT PATTERN [fua]", .parse = parse_write},
    {.name = "read", .usage = "read DEVICE SECTOR COUNT", .parse = parse_read},
    {.name = "sha256", .usage = "sha256 DEVICE [SECTOR COUNT]", .parse = parse_sha256},
    {.name = "discard", .usage = "discard DEVICE SECTOR COUNT", .parse = parse_discard},
    {.name = "flush", .usage = "flush DEVICE", .parse = parse_flush},
    {.name = "iostat", .usage = "iostat DISK", .parse = parse_iostat},
    {.name = "sysfs", .usage = "sysfs DEVICE ATTRIBUTE", .parse = parse_sysfs},
    {.name = "parameter", .usage = "parameter MODULE NAME [VALUE]", .parse = parse_parameter},
    {.name = "drop_caches", .usage = "drop_caches", .parse = parse_drop_caches},
    {.name = "poke", .usage = "poke DISK OFFSET HEX", .parse = parse_poke},
    {.name = "fault", .usage = "fault DISK FAULT...", .parse = parse_fault_command},
    {.name = "load", .usage = "load DISK FILE", .parse = parse_transfer<LoadCommand>},
    {.name = "save", .usage = "save DISK FILE", .parse = parse_transfer<SaveCommand>},
    {.name = "tables",
     .usage =
         "tables FILE [devices=FILE] [dm_major=N] [device=MAJOR:MINOR=NAME...] [leave_out] [DISK-OPTION...]",
     .parse = parse_tables},
    {.name = "sleep", .usage = "sleep TIME", .parse = parse_sleep},
    {.name = "until", .usage = "until DEVICE REGEX [TIME]", .parse = parse_until},
    {.name = "wait", .usage = "wait", .parse = parse_wait, .in_front = true},
    {.name = "crash",
     .usage = "crash [DISK...] [keep=WHAT] [seed=N]",
     .parse = parse_crash,
     .in_front = true},
    {.name = "expect", .usage = "expect REGEX", .parse = parse_expect, .in_front = true},
});

}  // namespace

const CommandParser* find_command_parser(std::string_view name) {
  for (const CommandParser& parser : parsers) {
    if (parser.name == name) return &parser;
  }
  return nullptr;
}

std::span<const std::string_view> command_names() {
  static constexpr auto names = [] {
    std::array<std::string_view, parsers.size()> all;
    for (std::size_t i = 0; i < all.size(); i++) all[i] = parsers[i].name;
    return all;
  }();
  return names;
}

}  // namespace sim::language
