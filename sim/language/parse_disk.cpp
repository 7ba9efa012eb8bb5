// SPDX-License-Identifier: GPL-2.0-or-later
// disk NAME [SIZE] [OPTION...]
#include <algorithm>
#include <array>
#include <fmt/core.h>
#include <limits>
#include <utility>
#include <vector>

#include "sim/language/parse_command.h"
#include "sim/language/parse_fault.h"
#include "sim/language/values.h"
#include "sim/machine/machine.h"
#include "sim/text/printable.h"
#include "sim/text/quantities.h"
#include "sim/text/spelling.h"
#include "sim/text/words.h"

namespace sim::language {
namespace {

// The value of an option, after its '='; "on" if there is none.
class OptionValue {
 public:
  OptionValue(WordReader& reader, const Word& word, std::string_view text)
      : reader_(reader), word_(word), text_(text) {}

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] std::optional<bool> on_or_off() const {
    if (text_ != "on" && text_ != "off") return std::nullopt;
    return text_ == "on";
  }
  void error(std::string message) const { reader_.error(word_, std::move(message)); }

 private:
  WordReader& reader_;
  const Word& word_;
  std::string_view text_;
};

void take_discard(const OptionValue& value, DiskCommand& disk) {
  if (const auto on = value.on_or_off()) {
    disk.discard = *on;
    return;
  }
  constexpr std::uint64_t multiple = 4096;
  const auto size = parse_size(value.text());
  if (size && *size != 0 && *size % multiple == 0) {
    disk.discard_max_bytes = *size;
    return;
  }
  value.error(
      fmt::format("{} is neither on nor off, nor what one discard may have at most: a multiple of {} bytes",
                  in_quotes(value.text()), multiple));
}

void take_read_only(const OptionValue& value, DiskCommand& disk) {
  const auto on = value.on_or_off();
  if (!on) value.error(fmt::format("{} is neither on nor off", in_quotes(value.text())));
  disk.read_only = on.value_or(false);
}

void take_cache(const OptionValue& value, DiskCommand& disk) {
  if (value.text() != "writeback" && value.text() != "writethrough")
    value.error(fmt::format("{} is neither writeback nor writethrough", in_quotes(value.text())));
  disk.volatile_cache = value.text() != "writethrough";
}

void take_file(const OptionValue& value, DiskCommand& disk) {
  if (value.text().empty()) value.error("the file has no name");
  disk.file = std::string(value.text());
}

void take_block_size(const OptionValue& value, DiskCommand& disk) {
  // The sizes that Linux's loop device accepts: powers of two from a sector to a page.
  for (const std::uint32_t size : {512U, 1024U, 2048U, 4096U}) {
    if (parse_integer(value.text()) == std::int64_t{size}) {
      disk.logical_block_size = size;
      return;
    }
  }
  value.error(fmt::format("{} is no logical block size; those are 512, 1024, 2048 and 4096 bytes",
                          in_quotes(value.text())));
}

template <dmcore::Duration DiskCommand::*latency>
void take_latency(const OptionValue& value, DiskCommand& disk) {
  const auto time = parse_duration(value.text());
  if (!time) value.error(not_a_duration(value.text(), /*seconds=*/false));
  disk.*latency = time.value_or(dmcore::Duration(0));
}

void take_bandwidth(const OptionValue& value, DiskCommand& disk) {
  const auto size = parse_size(value.text());
  if (!size) {
    value.error(not_a_size(value.text()));
  } else if (*size == 0) {
    value.error("with a bandwidth of 0 no request would ever end");
  }
  disk.bytes_per_second = size.value_or(0);
}

void take_number(const OptionValue& value, DiskCommand& disk) {
  disk.number = parse_device_number(value.text());
  if (!disk.number) {
    value.error(fmt::format("{} is no device number; those are MAJOR:MINOR", in_quotes(value.text())));
  } else if (!Machine::may_be_disk(*disk.number)) {
    value.error(fmt::format("{} is kept for loop and mapped devices", value.text()));
  }
}

void take_fault(const OptionValue& value, DiskCommand& disk) {
  std::string error;
  if (const auto fault = parse_fault(value.text(), error)) {
    disk.faults.push_back(*fault);
  } else {
    value.error(std::move(error));
  }
}

struct DiskOption {
  std::string_view name;
  void (*take)(const OptionValue& value, DiskCommand& disk);
};

constexpr std::array disk_options = std::to_array<DiskOption>({
    {"discard", take_discard},
    {"ro", take_read_only},
    {"cache", take_cache},
    {"file", take_file},
    {"logical_block_size", take_block_size},
    {"read_latency", take_latency<&DiskCommand::read_latency>},
    {"write_latency", take_latency<&DiskCommand::write_latency>},
    {"flush_latency", take_latency<&DiskCommand::flush_latency>},
    {"bandwidth", take_bandwidth},
    {"number", take_number},
    {"fault", take_fault},
});

bool is_disk_name(std::string_view name) {
  return !name.empty() && name != "mapper" && name != "." && name != ".." &&
         name.find('/') == std::string_view::npos;
}

}  // namespace

std::span<const std::string_view> disk_option_names() {
  static constexpr auto names = [] {
    std::array<std::string_view, disk_options.size()> all;
    for (std::size_t i = 0; i < all.size(); i++) all[i] = disk_options[i].name;
    return all;
  }();
  return names;
}

void take_disk_option(WordReader& reader, DiskCommand& disk, std::span<const std::string_view> others) {
  const Word& word = reader.take();
  const std::string_view text = word.text;
  const auto equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  const auto* option = std::find_if(disk_options.begin(), disk_options.end(),
                                    [name](const DiskOption& each) { return each.name == name; });
  if (option == disk_options.end()) {
    reader.error(word, [name, others] {
      std::vector<std::string_view> known(others.begin(), others.end());
      known.insert(known.end(), disk_option_names().begin(), disk_option_names().end());
      return fmt::format("there is no option {}{}", in_quotes(name), did_you_mean(name, known, "there are"));
    });
    return;
  }
  const std::string_view value = equals == std::string_view::npos ? "on" : text.substr(equals + 1);
  option->take(OptionValue(reader, word, value), disk);
}

std::optional<CommandBody> parse_disk(WordReader& reader, Names& names) {
  DiskCommand disk;
  if (!reader.expect_words(1, std::numeric_limits<std::size_t>::max())) return std::nullopt;
  const Word& name = reader.take();
  disk.name = name.text;
  if (!is_disk_name(disk.name))
    reader.error(name, fmt::format("{} cannot be the name of a disk", in_quotes(disk.name)));
  if (names.has_disk(disk.name))
    reader.error(name, fmt::format("there is a disk {} already", in_quotes(disk.name)));
  // Also if it is wrong: one mistake should not lead to another one in each command that uses the disk.
  names.add_disk(disk.name);
  const bool sized = !reader.at_end() && !reader.peek().text.empty() &&
                     reader.peek().text.find('=') == std::string::npos && reader.peek().text != "ro";
  if (sized) {
    const Word& size = reader.take();
    disk.size_bytes = parse_size(size.text);
    if (!disk.size_bytes) reader.error(size, not_a_size(size.text));
  }
  while (!reader.at_end()) take_disk_option(reader, disk);
  const auto is_of_flushes = [](const Fault& fault) {
    return std::holds_alternative<Fault::Lies>(fault.what) ||
           std::holds_alternative<Fault::FlushError>(fault.what);
  };
  if (!disk.volatile_cache && std::any_of(disk.faults.begin(), disk.faults.end(), is_of_flushes))
    reader.warn(name, [] { return "a disk without a volatile cache gets no flushes that could go wrong"; });
  if (!sized && !disk.file) reader.error(name, "a disk needs a size, or a file that has one");
  return disk;
}

}  // namespace sim::language
