// SPDX-License-Identifier: GPL-2.0-or-later
// tables FILE [OPTION...]
#include <array>
#include <fmt/core.h>
#include <limits>

#include "sim/language/parse_command.h"
#include "sim/text/printable.h"
#include "sim/text/words.h"

namespace sim::language {
namespace {

// The options of `tables` itself; the others are those of a disk.
constexpr std::array<std::string_view, 4> own_options = {"devices", "dm_major", "device", "leave_out"};

class TablesOptionReader {
 public:
  TablesOptionReader(WordReader& reader, TablesCommand& command) : reader_(reader), command_(command) {}

  void take() {
    const Word& word = reader_.peek();
    if (const auto value = value_of(word, "devices")) {
      command_.devices = *value;
    } else if (const auto major = value_of(word, "dm_major")) {
      take_major(word, *major);
    } else if (const auto device = value_of(word, "device")) {
      take_device(word, *device);
    } else if (word.text == "leave_out") {
      command_.leave_out = true;
    } else {
      return take_disk_option_word(word);
    }
    reader_.take();
  }

 private:
  static std::optional<std::string> value_of(const Word& word, std::string_view name) {
    if (!word.text.starts_with(name) || !word.text.substr(name.size()).starts_with('=')) return std::nullopt;
    return word.text.substr(name.size() + 1);
  }

  void take_major(const Word& word, const std::string& value) {
    const auto number = parse_device_number(value + ":0");
    if (!number) return reader_.error(word, fmt::format("{} is no major number", in_quotes(value)));
    command_.dm_major = number->major;
  }

  void take_device(const Word& word, const std::string& value) {
    const auto equals = value.find('=');
    const auto number = parse_device_number(std::string_view(value).substr(0, equals));
    if (equals == std::string::npos || equals + 1 == value.size() || !number)
      return reader_.error(
          word,
          fmt::format("{} does not say which device has which number: MAJOR:MINOR=NAME", in_quotes(value)));
    command_.said.emplace_back(*number, value.substr(equals + 1));
  }

  // Applies to each disk that is created, so what only one disk can have is refused.
  void take_disk_option_word(const Word& word) {
    take_disk_option(reader_, command_.disk, own_options);
    if (command_.disk.file || command_.disk.number)
      reader_.error(word,
                    "disks cannot share a file or a number; make this one before, with a command of its own");
    if (!command_.disk.faults.empty())
      reader_.error(word, "disks do not share faults; give them to one disk, afterwards, with 'fault DISK'");
  }

  WordReader& reader_;
  TablesCommand& command_;
};

}  // namespace

std::optional<CommandBody> parse_tables(WordReader& reader, Names& names) {
  TablesCommand command;
  if (!reader.expect_words(1, std::numeric_limits<std::size_t>::max())) return std::nullopt;
  names.expect_others();
  command.file = reader.text();
  TablesOptionReader options(reader, command);
  while (!reader.at_end()) options.take();
  return command;
}

}  // namespace sim::language
