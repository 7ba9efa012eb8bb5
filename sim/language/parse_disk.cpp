// SPDX-License-Identifier: GPL-2.0-or-later
// disk NAME [SIZE] [OPTION...]
#include <fmt/core.h>
#include <limits>

#include "sim/language/parse_command.h"
#include "sim/language/values.h"
#include "sim/machine/machine.h"
#include "sim/text/words.h"

namespace sim::language {
namespace {

// An option of a disk: NAME or NAME=VALUE.
class DiskOptionReader {
 public:
  DiskOptionReader(WordReader& reader, DiskCommand& disk) : reader_(reader), disk_(disk) {}

  void take() {
    word_ = &reader_.take();
    const std::string_view text = word_->text;
    const auto equals = text.find('=');
    value_ = equals == std::string_view::npos ? "on" : text.substr(equals + 1);
    apply(text.substr(0, equals));
  }

 private:
  void apply(std::string_view name) {
    if (name == "discard") return take_discard();
    if (name == "ro") return take_switch(disk_.read_only);
    if (name == "file") return take_file();
    if (name == "logical_block_size") return take_block_size();
    if (name == "read_latency") return take_time(disk_.read_latency);
    if (name == "write_latency") return take_time(disk_.write_latency);
    if (name == "flush_latency") return take_time(disk_.flush_latency);
    if (name == "bandwidth") return take_bandwidth();
    if (name == "number") return take_number();
    reader_.error(*word_,
                  fmt::format("a disk has no option '{}'; it has discard, ro, file, logical_block_size, "
                              "read_latency, write_latency, flush_latency, bandwidth, number",
                              name));
  }

  void take_switch(bool& option) {
    if (value_ == "on" || value_ == "off") {
      option = value_ == "on";
    } else {
      reader_.error(*word_, fmt::format("'{}' is neither on nor off", value_));
    }
  }

  void take_discard() {
    const auto size = parse_size(value_);
    if (value_ == "on" || value_ == "off") return take_switch(disk_.discard);
    if (!size || *size == 0 || *size % 4096 != 0) {
      return reader_.error(*word_,
                           fmt::format("'{}' is neither on nor off, nor what one discard may have at most: "
                                       "a multiple of 4096 bytes",
                                       value_));
    }
    disk_.discard_max_bytes = *size;
  }

  void take_file() {
    if (value_.empty()) return reader_.error(*word_, "the file has no name");
    disk_.file = std::string(value_);
  }

  void take_block_size() {
    // What Linux's loop device takes: powers of two from a sector to a page.
    for (const std::uint32_t size : {512U, 1024U, 2048U, 4096U}) {
      if (parse_integer(value_) == std::int64_t{size}) {
        disk_.logical_block_size = size;
        return;
      }
    }
    reader_.error(*word_,
                  fmt::format("'{}' is no logical block size; those are 512, 1024, 2048 and 4096", value_));
  }

  void take_time(dmcore::Duration& time) {
    const auto value = parse_duration(value_);
    if (!value) {
      return reader_.error(*word_,
                           fmt::format("'{}' is no time; those are a number and ns, us, ms or s", value_));
    }
    time = *value;
  }

  void take_bandwidth() {
    const auto value = parse_size(value_);
    if (!value || *value == 0) {
      return reader_.error(
          *word_,
          fmt::format("'{}' is no bandwidth; those are what passes in a second, such as 200M", value_));
    }
    disk_.bytes_per_second = *value;
  }

  void take_number() {
    disk_.number = parse_device_number(value_);
    if (!disk_.number) {
      return reader_.error(*word_, fmt::format("'{}' is no device number; those are MAJOR:MINOR", value_));
    }
    if (!Machine::may_be_disk(*disk_.number)) {
      reader_.error(*word_, fmt::format("{} is kept for loop and mapped devices", value_));
    }
  }

  WordReader& reader_;
  DiskCommand& disk_;
  const Word* word_ = nullptr;
  std::string_view value_;
};

bool is_disk_name(std::string_view name) {
  return !name.empty() && name != "mapper" && name != "." && name != ".." &&
         name.find('/') == std::string_view::npos;
}

}  // namespace

void take_disk_option(WordReader& reader, DiskCommand& disk) {
  DiskOptionReader(reader, disk).take();
}

CommandBody parse_disk(WordReader& reader, const DiskNames& disks) {
  DiskCommand disk;
  if (!reader.expect_words(1, std::numeric_limits<std::size_t>::max())) return disk;
  const Word& name = reader.take();
  disk.name = name.text;
  if (!is_disk_name(disk.name))
    reader.error(name, fmt::format("'{}' cannot be the name of a disk", disk.name));
  if (disks.contains(disk.name)) reader.error(name, fmt::format("there is a disk '{}' already", disk.name));
  const bool sized = !reader.at_end() && !reader.peek().text.empty() &&
                     reader.peek().text.find('=') == std::string::npos && reader.peek().text != "ro";
  if (sized) {
    const Word& size = reader.take();
    disk.size_bytes = parse_size(size.text);
    if (!disk.size_bytes) {
      reader.error(
          size, fmt::format("'{}' is no size; those are a number and s (or nothing: sectors), K, M, G or T",
                            size.text));
    }
  }
  DiskOptionReader options(reader, disk);
  while (!reader.at_end()) options.take();
  if (!sized && !disk.file) reader.error(name, "a disk needs a size, or a file that has one");
  return disk;
}

}  // namespace sim::language
